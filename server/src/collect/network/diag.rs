//! Counts connections by asking the kernel over netlink: sock_diag(7), binary and without a table of text.
//!
//! Invariant: what cannot be understood is an error and never a smaller count.

use std::io;
use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::io::Errno;
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink, recv, send, socket_with};

use super::connections::Counts;

/// The kernel answers within the call that asks; this is for the day on which it does not.
const PATIENCE: Duration = Duration::from_secs(2);

/// The largest piece the kernel makes of an answer.
const BUFFER_BYTES: usize = 32 * 1024;

// From linux/netlink.h, linux/sock_diag.h and linux/inet_diag.h.
const HEADER_BYTES: usize = 16;
const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;
const SOCK_DIAG_BY_FAMILY: u16 = 20;
const NLM_F_REQUEST: u16 = 1;
const NLM_F_DUMP: u16 = 0x300;
/// A bit for each of the states 1 to 12.
const ALL_STATES: u32 = 0b1_1111_1111_1110;
const TCP: u8 = 6;
const REQUEST_BYTES: usize = HEADER_BYTES + 56;

/// Keeps its socket and its buffer.
#[derive(Debug, Default)]
pub(super) struct Diag {
    socket: Option<OwnedFd>,
    buffer: Vec<u8>,
    sequence: u32,
}

impl Diag {
    /// Counts every connection there is. After an error `counts` holds a part.
    pub(super) fn count(&mut self, counts: &mut Counts) -> io::Result<()> {
        counts.clear();
        // A socket on which something failed may still have an answer in it.
        let socket = match self.socket.take() {
            Some(socket) => socket,
            None => open()?,
        };
        self.buffer.resize(BUFFER_BYTES, 0);
        for family in [AddressFamily::INET, AddressFamily::INET6] {
            self.sequence = self.sequence.wrapping_add(1);
            // The family's number fits: the kernel gives it a byte.
            let family = u8::try_from(family.as_raw()).unwrap_or_default();
            send(&socket, &request(family, self.sequence), SendFlags::empty())?;
            while !self.piece(&socket, counts)? {}
        }
        self.socket = Some(socket);
        Ok(())
    }

    /// Whether it was the last one.
    fn piece(&mut self, socket: &OwnedFd, counts: &mut Counts) -> io::Result<bool> {
        let (read, whole) = match recv(socket, self.buffer.as_mut_slice(), RecvFlags::TRUNC) {
            Err(Errno::INTR) => return Ok(false),
            received => received?,
        };
        let bytes = self.buffer.get(..read).filter(|_| read == whole).ok_or_else(cut)?;
        parse(bytes, self.sequence, |state, port| counts.add(state, port))
    }
}

fn open() -> io::Result<OwnedFd> {
    let socket =
        socket_with(AddressFamily::NETLINK, SocketType::DGRAM, SocketFlags::CLOEXEC, Some(netlink::SOCK_DIAG))?;
    set_socket_timeout(&socket, Timeout::Recv, Some(PATIENCE))?;
    Ok(socket)
}

/// For every TCP socket of a family: the message's header, then an `inet_diag_req_v2`, whose socket
/// (48 bytes) is not asked for when all are.
fn request(family: u8, sequence: u32) -> [u8; REQUEST_BYTES] {
    let mut request = [0; REQUEST_BYTES];
    let fields = (u32::try_from(REQUEST_BYTES).unwrap_or_default().to_ne_bytes().into_iter())
        .chain(SOCK_DIAG_BY_FAMILY.to_ne_bytes())
        .chain((NLM_F_REQUEST | NLM_F_DUMP).to_ne_bytes())
        .chain(sequence.to_ne_bytes())
        .chain(0_u32.to_ne_bytes())
        .chain([family, TCP, 0, 0])
        .chain(ALL_STATES.to_ne_bytes());
    request.iter_mut().zip(fields).for_each(|(to, from)| *to = from);
    request
}

/// Any number of messages, each padded to four bytes. `add` gets state and local port of each socket.
/// True where the last message of the answer is among them.
fn parse(mut bytes: &[u8], sequence: u32, mut add: impl FnMut(u8, u16)) -> io::Result<bool> {
    while !bytes.is_empty() {
        let length = number(bytes, 0).map(u32::from_ne_bytes).ok_or_else(cut)?;
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let message = bytes.get(..length).ok_or_else(cut)?;
        let kind = number(message, 4).map(u16::from_ne_bytes).ok_or_else(cut)?;
        let body = message.get(HEADER_BYTES..).ok_or_else(cut)?;
        if number(message, 8).map(u32::from_ne_bytes) == Some(sequence) {
            match kind {
                // A dump that fails half way says so in its end.
                NLMSG_DONE => return refusal(body).map_or(Ok(true), Err),
                NLMSG_ERROR => return Err(refusal(body).unwrap_or_else(cut)),
                SOCK_DIAG_BY_FAMILY => {
                    // An `inet_diag_msg`: family, state, timer, retransmits, then the port in network order.
                    let state = body.get(1).ok_or_else(cut)?;
                    let port = number(body, 4).map(u16::from_be_bytes).ok_or_else(cut)?;
                    add(*state, port);
                }
                _ => {}
            }
        }
        bytes = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    Ok(false)
}

/// An error's number, negative as the kernel gives it; zero or none is no error.
fn refusal(body: &[u8]) -> Option<io::Error> {
    let code = number(body, 0).map(i32::from_ne_bytes)?;
    (code < 0).then(|| io::Error::from_raw_os_error(code.saturating_neg()))
}

fn number<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

fn cut() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "an answer of the kernel is cut")
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: u32 = 7;

    fn message(kind: u16, sequence: u32, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(HEADER_BYTES + body.len()).unwrap();
        let mut message = length.to_ne_bytes().to_vec();
        message.extend(kind.to_ne_bytes());
        message.extend([0; 2]);
        message.extend(sequence.to_ne_bytes());
        message.extend([0; 4]);
        message.extend(body);
        message.resize(message.len().next_multiple_of(4), 0);
        message
    }

    fn socket(state: u8, port: u16) -> Vec<u8> {
        let mut body = vec![2, state, 0, 0];
        body.extend(port.to_be_bytes());
        body.resize(72, 0);
        message(SOCK_DIAG_BY_FAMILY, OURS, &body)
    }

    /// `want`: state and port of each socket, then `end` or `more` or the error.
    #[track_caller]
    fn check(messages: &[Vec<u8>], want: &str) {
        let mut words = Vec::new();
        let last = parse(&messages.concat(), OURS, |state, port| words.push(format!("{state}@{port}")));
        words.push(match last {
            Ok(last) => if last { "end" } else { "more" }.to_owned(),
            Err(e) => e.raw_os_error().map_or_else(|| "cut".to_owned(), |code| format!("errno {code}")),
        });
        assert_eq!(words.join(" "), want);
    }

    #[test]
    fn sockets_are_read_until_the_end() {
        let done = message(NLMSG_DONE, OURS, &0_i32.to_ne_bytes());
        check(&[socket(1, 443), socket(10, 80)], "1@443 10@80 more");
        check(&[socket(1, 443), done.clone(), socket(1, 1)], "1@443 end");
        check(&[], "more");
        // Of an earlier question, of another kind, or with a body whose length is odd.
        check(&[message(NLMSG_DONE, 6, &[0; 4]), message(99, OURS, &[0; 3]), socket(2, 1), done], "2@1 end");
    }

    #[test]
    fn a_refusal_is_an_error_and_so_is_half_an_answer() {
        check(&[message(NLMSG_ERROR, OURS, &(-2_i32).to_ne_bytes())], "errno 2");
        check(&[socket(1, 1), message(NLMSG_DONE, OURS, &(-105_i32).to_ne_bytes())], "1@1 errno 105");
        check(&[message(NLMSG_ERROR, OURS, &[])], "cut");
        let whole = socket(1, 443);
        check(&[whole[..40].to_vec()], "cut");
        check(&[whole[..7].to_vec()], "cut");
        check(&[message(SOCK_DIAG_BY_FAMILY, OURS, &[2, 1, 0, 0, 1])], "cut");
        // A length of less than its own header would never come to an end.
        check(&[vec![0; 16]], "cut");
    }
}
