//! Work for the machine while it is compared, so that agreement does not mean that both say zero.
//!
//! Invariant: all of it stays on this machine, and ends with [`Load`].

use super::sockets::Sockets;
use crate::command::Cmd;
use crate::http;
use anyhow::{Context, Result};
use std::fs::{self, File};
use std::hint::black_box;
use std::io::{Read, Seek, SeekFrom, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::{Duration, Instant};

const MIB: usize = 1024 * 1024;
/// The most memory that it takes.
const MEMORY: usize = 256 * MIB;
/// The file that is written and read again and again.
const FILE: usize = 64 * MIB;

/// What works; it stops when it is dropped.
pub(super) struct Load {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
    folder: PathBuf,
    sockets: Sockets,
}

impl Load {
    /// Connections first, since Telltale is to watch a port of theirs. `folder`: on the disk that shall have work.
    pub(super) fn start(folder: &Path) -> Result<Self> {
        let folder = folder.join("compare-load");
        fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
        let stop = Arc::new(AtomicBool::new(false));
        let file = folder.join("file");
        fs::write(&file, vec![7; FILE]).with_context(|| format!("writing {}", file.display()))?;
        let listener = TcpListener::bind("127.0.0.1:0").context("listening for traffic of our own")?;
        let (writes, reads) = (file.clone(), file);
        let threads = vec![
            again(&stop, burn),
            again(&stop, grow()),
            again(&stop, move || drop(write(&writes))),
            again(&stop, move || read(&reads)),
            again(&stop, traffic(&listener)?),
        ];
        let sockets = Sockets::open()?;
        Ok(Self { stop, threads, folder, sockets })
    }

    /// The port whose connections stand still.
    pub(super) fn watched_port(&self) -> u16 {
        self.sockets.port()
    }

    /// Asks a server of ours again and again, and counts what it has answered.
    pub(super) fn ask(&mut self, server: SocketAddr, asked: &Arc<AtomicU64>) {
        let asked = Arc::clone(asked);
        self.threads.push(again(&self.stop, move || {
            if http::get(server, "/api/health", &[]).is_ok() {
                asked.fetch_add(1, Ordering::SeqCst);
            }
            sleep(Duration::from_millis(100));
        }));
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        for thread in self.threads.drain(..) {
            // One that has failed has done less work, which the report shows.
            let _ = thread.join();
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn again(stop: &Arc<AtomicBool>, mut work: impl FnMut() + Send + 'static) -> JoinHandle<()> {
    let stop = Arc::clone(stop);
    spawn(move || {
        while !stop.load(Ordering::SeqCst) {
            work();
        }
    })
}

/// Half a processor.
fn burn() {
    let begun = Instant::now();
    let mut number = 1_u64;
    while begun.elapsed() < Duration::from_millis(25) {
        number = black_box(number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
    }
    sleep(Duration::from_millis(25));
}

/// More and more memory, up to a bound.
fn grow() -> impl FnMut() + Send {
    let mut taken: Vec<Vec<u8>> = Vec::new();
    move || {
        if taken.len() * 4 * MIB < MEMORY {
            taken.push(vec![1; 4 * MIB]);
        }
        sleep(Duration::from_millis(100));
    }
}

/// To the disk itself.
fn write(path: &Path) -> std::io::Result<()> {
    let mut file = File::options().write(true).open(path)?;
    for at in 0..FILE / MIB {
        file.seek(SeekFrom::Start((at * MIB) as u64))?;
        file.write_all(&vec![at as u8; MIB])?;
        file.sync_data()?;
        sleep(Duration::from_millis(20));
        if at % 16 == 15 {
            return Ok(());
        }
    }
    Ok(())
}

/// From the disk itself, past what the kernel has in memory.
fn read(path: &Path) {
    let dd = Cmd::new("dd").arg(format!("if={}", path.display()));
    // Where the file system does not know such reads there are none, which the report shows.
    let _ = dd.args(["of=/dev/null", "bs=256K", "count=40", "iflag=direct", "status=none"]).read();
    sleep(Duration::from_millis(150));
}

/// Bytes from here to here, and each second a connection that is refused and one that is torn.
fn traffic(listener: &TcpListener) -> Result<impl FnMut() + Send + use<>> {
    let address = listener.local_addr()?;
    let mut to = TcpStream::connect(address)?;
    let (mut from, _) = listener.accept()?;
    let mut block = vec![9; 16 * 1024];
    Ok(move || {
        let _ = to.write_all(&block).and_then(|()| from.read_exact(&mut block));
        sleep(Duration::from_millis(4));
    })
}
