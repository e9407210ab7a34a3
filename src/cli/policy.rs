//! `onevisit policy`.

use std::process::ExitCode;

use anyhow::Context;

use crate::domain::pack::Pack;
use crate::domain::policy::{Form, KEYS};

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Name of a pack, to print it whole.
    pack: Option<String>,
    /// Print every key with its form, default and requirement instead.
    #[arg(long, conflicts_with = "pack")]
    keys: bool,
}

/// Prints what was asked for.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    if args.keys {
        for key in KEYS {
            let form = match key.form {
                Form::Number(max) => format!("0..={max}"),
                Form::Word(words) => words.join("|"),
            };
            println!("{} = {} ({form}; {})", key.name, key.default, key.source);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let Some(name) = &args.pack else {
        for pack in Pack::all() {
            println!("{}: {} ({} values)", pack.id, pack.title, pack.values.len());
        }
        return Ok(ExitCode::SUCCESS);
    };
    let pack = Pack::named(name).with_context(|| format!("there is no pack {name}"))?;
    print!("{}", pack.text);
    Ok(ExitCode::SUCCESS)
}
