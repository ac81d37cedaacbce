//! How many files may be open at a time, and how they are shared out: a connection is one, and who has come
//! first must not take the last from the collectors.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::telemetry::warn;

/// Where the system allows more, connections at a time all the same.
const MOST_CONNECTIONS: u64 = 1024;
/// For everything that is no connection: what collectors read, the runtime's own, the standard streams.
const OWN: u64 = 64;

/// What there is room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Room {
    /// The limit that it follows from; none: the system has none.
    files: Option<u64>,
    /// Connections that are no WebSockets.
    pub(super) connections: usize,
    /// WebSockets besides.
    sockets: usize,
}

impl Room {
    /// Takes as much as may be had without asking anybody.
    pub(super) fn make() -> Self {
        let limit = getrlimit(Resource::Nofile);
        let most = Rlimit { current: limit.maximum, ..limit };
        // Where it is refused, the limit stays as it was and is shared out as it is.
        let raised = limit.current != limit.maximum && setrlimit(Resource::Nofile, most).is_ok();
        Self::of(if raised { limit.maximum } else { limit.current })
    }

    /// Takes what there is.
    pub(super) fn find() -> Self {
        Self::of(getrlimit(Resource::Nofile).current)
    }

    fn of(files: Option<u64>) -> Self {
        let all = files.unwrap_or(u64::MAX);
        let connections = MOST_CONNECTIONS.min(all / 2).max(1);
        let sockets = all.saturating_sub(connections).saturating_sub(OWN);
        let count = |number| usize::try_from(number).unwrap_or(usize::MAX);
        Self { files, connections: count(connections), sockets: count(sockets) }
    }

    /// So many WebSockets as were asked for, or as there is room for, which is told.
    pub(super) fn sockets(self, asked: usize) -> usize {
        if let Some(says) = self.complaint(asked) {
            warn(&says);
        }
        asked.min(self.sockets)
    }

    fn complaint(self, asked: usize) -> Option<String> {
        let files = self.files.filter(|_| asked > self.sockets)?;
        Some(format!(
            "dashboard.max_websocket_connections is {asked}, and {} is all there is room for with {files} open files; \
             `ulimit -n` or LimitNOFILE= of the service allows more",
            self.sockets
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `want`: connections, WebSockets of the 100 that are asked for.
    #[track_caller]
    fn check(files: Option<u64>, want: (usize, usize)) {
        let room = Room::of(files);
        assert_eq!((room.connections, room.sockets(100)), want, "{files:?}");
        assert_eq!(room.complaint(100).is_some(), want.1 < 100, "{files:?}");
    }

    #[test]
    fn what_comes_from_outside_leaves_the_collectors_theirs() {
        check(None, (1024, 100));
        check(Some(1_048_576), (1024, 100));
        check(Some(2048), (1024, 100));
        check(Some(1024), (512, 100));
        check(Some(256), (128, 64));
        check(Some(100), (50, 0));
        check(Some(0), (1, 0));
        let says = Room::of(Some(256)).complaint(5000).unwrap();
        assert!(says.contains("is 5000, and 64 is all") && says.contains("256 open files"), "{says}");
    }

    #[test]
    fn the_soft_limit_is_raised_to_the_hard_one() {
        let files = Room::make().files;
        assert_eq!(files, getrlimit(Resource::Nofile).current);
        assert_eq!(Room::make().files, files, "a second time changes nothing");
    }
}
