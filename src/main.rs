//! The commands.

use clap::Parser;

fn main() -> std::process::ExitCode {
    let cli = onevisit::cli::Cli::parse();
    match onevisit::cli::run(cli) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("onevisit: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}
