//! Counts the requests of the program that Telltale is part of.

use std::sync::Arc;

use tower_layer::Layer;

use crate::clock::{Clock, SystemClock};
use crate::collect::RequestStats;
use crate::web::{Counted, Requested, failed};

/// A layer that counts requests and takes their time; see
/// [`Telltale::request_layer`](super::Telltale::request_layer).
#[derive(Clone)]
pub struct RequestLayer(Requested);

impl RequestLayer {
    pub(super) fn counting(requests: RequestStats) -> Self {
        Self(Arc::new(move |took, status| requests.record(SystemClock.now(), took, failed(status))))
    }
}

impl<S> Layer<S> for RequestLayer {
    type Service = Counted<S>;

    fn layer(&self, inner: S) -> Counted<S> {
        Counted::new(inner, Arc::clone(&self.0))
    }
}
