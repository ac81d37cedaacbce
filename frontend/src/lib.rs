//! Wakes the server's page in the browser, and nothing else.
