//! `docsift-peers COMMAND PATH...`: runs docsift side by side with other readers. One file a command.

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next().unwrap_or_default();
    let paths: Vec<_> = arguments.map(Into::into).collect();
    match command.as_str() {
        "bench" => docsift_peers::bench::run(&paths),
        "bench-crypto" => docsift_peers::bench::run_crypto(&paths),
        "macros" => docsift_peers::bench::run_macros(&paths),
        "streams" => docsift_peers::streams::run(&paths),
        // What `cargo xtask mutate` starts.
        "mutants" => docsift_peers::mutants::run(&paths),
        // What `bench` starts.
        "calamine-child" => docsift_peers::bench::answer_for_calamine(),
        "first-call" => docsift_peers::bench::print_first_call(&paths),
        _ => {
            eprintln!(
                "usage: docsift-peers bench|macros [--rounds N] [--olevba-rounds N] [PATH...] | bench-crypto [--rounds N] | streams PATH..."
            );
            ExitCode::from(2)
        }
    }
}
