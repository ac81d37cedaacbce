//! Whether a port takes connections.

use std::time::Duration;

use super::Outcome;
use crate::collect::remote::connect;
use crate::secret::Text;

/// A connection, closed as soon as it is there.
pub struct TcpProbe {
    /// A name or an address.
    pub host: Text,
    /// Its port.
    pub port: u16,
}

impl TcpProbe {
    pub(super) async fn attempt(&self, within: Duration) -> Outcome {
        Ok(connect(self.host.as_str(), self.port, within).await.map(drop))
    }
}
