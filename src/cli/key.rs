//! `onevisit key`.

use clap::ValueEnum;

use crate::app::access;
use crate::app::clock::{Clock, Entropy};
use crate::config::Storage;
use crate::domain::caller::Role;

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RoleArg {
    /// A department's own system.
    Department,
    /// The leading-group office.
    Office,
    /// An office that supervises draws.
    Supervisor,
    /// An office that may open everything, each time with a case number.
    Auditor,
}

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What the key may do.
    role: RoleArg,
    /// The department's id, or the office's name, such as 监察室.
    name: String,
    #[command(flatten)]
    storage: Storage,
}

/// Makes a key and prints its secret.
pub async fn run(args: Args) -> anyhow::Result<()> {
    let app = args.storage.open(Clock::system(), Entropy::system()).await?;
    let (role, department, office) = match args.role {
        RoleArg::Department => (Role::Department, args.name.as_str(), ""),
        RoleArg::Office => (Role::Office, "", args.name.as_str()),
        RoleArg::Supervisor => (Role::Supervisor, "", args.name.as_str()),
        RoleArg::Auditor => (Role::Auditor, "", args.name.as_str()),
    };
    let key = access::create_local(&app, role, department, office).await?;
    println!("{}", key.secret);
    app.db.close().await;
    Ok(())
}
