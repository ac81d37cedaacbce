//! What holds of the configuration as a whole.
