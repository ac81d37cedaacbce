//! What xtask says about itself.

/// The whole help.
pub(crate) const HELP: &str = "\
Builds, serves, tests and packs Telltale. It needs cargo, and Node for the browser tests; what else is
missing it gets itself, or says what to install.

    cargo xtask <command>

Every day
    serve [-- ARGS]   build what has changed and start the server; ARGS go to `telltale start`,
                      as in `cargo xtask serve -- --listen 127.0.0.1:9000`
    test              everything that must hold before a change is accepted: format, lints, tests on
                      the host and in a real browser; the last line counts what passed and failed;
                      --starts FILE: and a configuration with which the server has to start
    tokens            write style/tokens.css anew from the colours and sizes of app/src/theme.rs

Now and then
    dist              one optimised file, dist/telltale, that holds the page too; beside it what
                      packages want: dist/completions for shells, dist/man
    bench collect     CPU and memory of the idle server beside prometheus-node-exporter, written to
                      docs/benchmarks.md; --seconds N sets how long (60)
    bench store       ingest, bytes on disk, queries, and the start after a kill beside Prometheus and
                      VictoriaMetrics, which have to be installed; written to docs/benchmarks.md; takes
                      about a quarter of an hour; --runs N: medians of so many (1); --quick: a tenth, to
                      try it out; --resident: memory after a day at one second and nothing else, half an
                      hour; --peers-only: without Telltale; --binary FILE: a Telltale other than
                      dist/telltale
    crash             kills, changed bytes and a full disk: what was acknowledged has to be there;
                      --rounds N (10), --seed N
    fuzz              the fuzzers of the store, --minutes N each (10); needs nightly and cargo-fuzz
    compare           Telltale's values beside those of node_exporter, df, ss, ps and the kernel's files, read
                      at the same moment under load; written to docs/comparison.md
    release-check     dist, the browser tests against it, and the benchmarks

Nothing has to be run in advance: every command builds what it needs, and a second run is quick.
`cargo leptos watch` works as well, for those who have cargo-leptos.
";
