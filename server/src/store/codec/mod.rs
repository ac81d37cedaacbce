//! Temporary.
#[derive(Debug, Clone, Copy)]
pub(super) struct Corrupt;
#[derive(Debug, Default, Clone)]
pub(super) struct OpenChunk {
    t: Vec<i64>,
    v: Vec<f64>,
}
impl OpenChunk {
    pub(super) fn push(&mut self, t: i64, v: f64) {
        self.t.push(t);
        self.v.push(v);
    }
    pub(super) fn replace_last(&mut self, v: f64) {
        if let Some(l) = self.v.last_mut() {
            *l = v;
        }
    }
    pub(super) fn len(&self) -> usize {
        self.t.len()
    }
    pub(super) fn first_time(&self) -> Option<i64> {
        self.t.first().copied()
    }
    pub(super) fn last_time(&self) -> Option<i64> {
        self.t.last().copied()
    }
    pub(super) fn heap_bytes(&self) -> usize {
        self.t.capacity() * 16
    }
    pub(super) fn shrink(&mut self) {
        self.t.shrink_to_fit();
        self.v.shrink_to_fit();
    }
    pub(super) fn decode_into(&self, t: &mut Vec<i64>, v: &mut Vec<f64>) {
        t.extend(&self.t);
        v.extend(&self.v);
    }
}
#[derive(Debug, Default)]
pub(super) struct Encoder;
impl Encoder {
    pub(super) fn times(&mut self, t: &[i64], out: &mut Vec<u8>) {
        for t in t {
            out.extend(t.to_le_bytes());
        }
    }
    pub(super) fn values(&mut self, v: &[f64], out: &mut Vec<u8>) {
        for t in v {
            out.extend(t.to_le_bytes());
        }
    }
}
pub(super) fn decode_times(b: &[u8], n: usize, out: &mut Vec<i64>) -> Result<(), Corrupt> {
    if b.len() != n * 8 {
        return Err(Corrupt);
    }
    out.extend(b.chunks(8).map(|c| i64::from_le_bytes(c.try_into().unwrap())));
    Ok(())
}
pub(super) fn decode_values(b: &[u8], n: usize, out: &mut Vec<f64>) -> Result<(), Corrupt> {
    if b.len() != n * 8 {
        return Err(Corrupt);
    }
    out.extend(b.chunks(8).map(|c| f64::from_le_bytes(c.try_into().unwrap())));
    Ok(())
}
