//! `onevisit account`.

use std::io::{BufRead, IsTerminal};

use anyhow::Context;
use clap::{Subcommand, ValueEnum};

use crate::app::accounts::{self, Wanted};
use crate::app::clock::{Clock, Entropy};
use crate::config::Storage;
use crate::domain::caller::{Caller, Role};

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make an account. Its password is the first line of the standard input, never an argument; the second
    /// factor's secret is printed once.
    Add(Add),
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RoleArg {
    /// A department.
    Department,
    /// The leading-group office.
    Office,
    /// An office that supervises draws.
    Supervisor,
    /// An office that may open everything, each time with a case number.
    Auditor,
}

#[derive(Debug, clap::Args)]
struct Add {
    /// What is typed to sign in: a-z, 0-9, dot, underscore, hyphen.
    name: String,
    /// What the account may do.
    role: RoleArg,
    /// The department's id, or the office's name, such as 监察室.
    of: String,
    #[command(flatten)]
    storage: Storage,
}

/// Makes an account and prints its second factor.
pub async fn run(args: Args) -> anyhow::Result<()> {
    let What::Add(add) = args.what;
    if std::io::stdin().is_terminal() {
        eprintln!("Password of {}, then Enter (it is shown as you type):", add.name);
    }
    let mut password = String::new();
    std::io::stdin().lock().read_line(&mut password).context("reading the password")?;
    let password = password.trim_end_matches(['\r', '\n']).to_owned();
    let holder = match add.role {
        RoleArg::Department => Caller::holder(Role::Department, &add.of, "", ""),
        RoleArg::Office => Caller::holder(Role::Office, "", &add.of, ""),
        RoleArg::Supervisor => Caller::holder(Role::Supervisor, "", &add.of, ""),
        RoleArg::Auditor => Caller::holder(Role::Auditor, "", &add.of, ""),
    };
    let app = add.storage.open(Clock::system(), Entropy::system()).await?;
    let new = accounts::create_local(&app, Wanted { name: add.name, password, holder }).await?;
    println!("{}", new.secret);
    println!("{}", new.uri);
    app.db.close().await;
    Ok(())
}
