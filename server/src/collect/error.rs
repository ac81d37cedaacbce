//! What can go wrong in a reading, in sentences that end up in `/api/health`.

use std::io;

use app::model::Cause;

/// Why a reading is not complete.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// The operating system refused or failed.
    #[error("{what} cannot be read: {source}")]
    Read {
        /// A file or a thing, such as `/proc/stat`.
        what: String,
        /// The system's word for it.
        source: io::Error,
    },
    /// It was read and is not what was expected.
    #[error("{what} was read but not understood: {why}")]
    NotUnderstood {
        /// A file or a thing, such as `/proc/stat`.
        what: String,
        /// What is missing or odd.
        why: String,
    },
    /// It neither answers nor fails, such as a network file system whose server is gone.
    #[error("{what} does not answer")]
    NoAnswer {
        /// The thing that was asked.
        what: String,
    },
    /// A machine or a service that was asked is not there, or does not take what is sent.
    #[error("{what}: {why}")]
    Unreachable {
        /// The thing that was asked.
        what: String,
        /// What came of it.
        why: String,
    },
    /// This process may not do it.
    #[error("{what}: {why}")]
    Denied {
        /// The thing that was tried.
        what: String,
        /// What would permit it.
        why: String,
    },
    /// Anything else, such as in a collector of one's own.
    #[error("{what}: {why}")]
    Failed {
        /// The thing that was asked.
        what: String,
        /// What it said.
        why: String,
    },
    /// More than one part failed.
    #[error("{}", sentence(.0))]
    Several(Vec<CollectError>),
}

impl CollectError {
    /// A failed read of `what`.
    pub fn read(what: impl Into<String>, source: io::Error) -> Self {
        Self::Read { what: what.into(), source }
    }

    /// `what` was read, but `why`.
    pub fn not_understood(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self::NotUnderstood { what: what.into(), why: why.into() }
    }

    /// `what` failed, since `why`.
    pub fn failed(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Failed { what: what.into(), why: why.into() }
    }

    /// What that is to whoever misses samples.
    #[must_use]
    pub fn cause(&self) -> Cause {
        match self {
            Self::Read { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => Cause::Permission,
            Self::Denied { .. } => Cause::Permission,
            Self::NoAnswer { .. } | Self::Unreachable { .. } => Cause::Unreachable,
            Self::Read { .. } | Self::NotUnderstood { .. } | Self::Failed { .. } => Cause::CollectorError,
            Self::Several(all) => {
                let mut causes = all.iter().map(Self::cause);
                let first = causes.next().unwrap_or(Cause::CollectorError);
                if causes.all(|cause| cause == first) { first } else { Cause::CollectorError }
            }
        }
    }

    /// The outcome of parts that were each tried: good, the one failure, or all of them.
    ///
    /// # Errors
    /// Where any part failed.
    pub fn join(parts: impl IntoIterator<Item = Result<(), Self>>) -> Result<(), Self> {
        let mut failed: Vec<Self> = parts.into_iter().filter_map(Result::err).collect();
        match failed.len() {
            0 => Ok(()),
            1 => Err(failed.remove(0)),
            _ => Err(Self::Several(failed)),
        }
    }
}

fn sentence(errors: &[CollectError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_failures_are_told() {
        let gone = || Err(CollectError::NoAnswer { what: "/mnt/nas".into() });
        let odd = || Err(CollectError::not_understood("/proc/stat", "no line `cpu`"));
        let says = |parts: Vec<Result<(), CollectError>>| CollectError::join(parts).map_err(|e| e.to_string());
        assert_eq!(says(vec![Ok(()), Ok(())]), Ok(()));
        assert_eq!(says(vec![Ok(()), gone()]), Err("/mnt/nas does not answer".into()));
        assert_eq!(
            says(vec![gone(), odd()]),
            Err("/mnt/nas does not answer; /proc/stat was read but not understood: no line `cpu`".into())
        );
    }

    #[test]
    fn failures_are_told_apart_by_their_cause() {
        let read = |kind: io::ErrorKind| CollectError::read("/proc/1/io", io::Error::from(kind));
        let denied = || read(io::ErrorKind::PermissionDenied);
        let away = || CollectError::NoAnswer { what: "it".into() };
        for (error, cause) in [
            (denied(), Cause::Permission),
            (read(io::ErrorKind::NotFound), Cause::CollectorError),
            (away(), Cause::Unreachable),
            (CollectError::Unreachable { what: "it".into(), why: "takes no connection".into() }, Cause::Unreachable),
            (CollectError::Denied { what: "ICMP".into(), why: "is not permitted".into() }, Cause::Permission),
            (CollectError::failed("it", "printed nothing"), Cause::CollectorError),
            (CollectError::Several(vec![denied(), denied()]), Cause::Permission),
            (CollectError::Several(vec![denied(), away()]), Cause::CollectorError),
        ] {
            assert_eq!(error.cause(), cause, "{error}");
        }
    }
}
