//! The demo: a synthetic district, made from a seed, taken through one joint campaign over real
//! gRPC. Shares and rates follow published statistics; no real name, code or person is in it.

mod departments;
mod district;
mod messages;
mod random;
mod run;
mod show;

use std::path::PathBuf;

pub use district::{Department, District, Shape, make};
pub use random::Random;
pub use run::run;

/// Arguments of `onevisit demo`.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Seed of the district; the same seed makes the same district.
    #[arg(long, default_value_t = 20_261_121)]
    pub seed: u64,
    /// Subjects in the district.
    #[arg(long, default_value_t = 30_000)]
    pub subjects: usize,
    /// Departments, 2 to 25.
    #[arg(long, default_value_t = 25, value_parser = clap::value_parser!(u8).range(2..=25))]
    pub departments: u8,
    /// Inspectors over all departments.
    #[arg(long, default_value_t = 300)]
    pub inspectors: usize,
    /// Stop at the end instead of leaving the service up.
    #[arg(long)]
    pub exit: bool,
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    pub listen: String,
    /// Database; a new SQLite file in a temporary folder when not given.
    #[arg(long)]
    pub database: Option<String>,
    /// Where the bundle goes.
    #[arg(long, default_value = "onevisit-demo-bundle.json")]
    pub bundle: PathBuf,
}
