//! `onevisit verify-opening`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;

use super::verify::{complain, signed_code, visit_keys};
use crate::certificate::file::FORMAT;
use crate::certificate::opening::{self, Found, Step};
use crate::certificate::verify as certificate;
use crate::certificate::{Certificate, Trust, Wrong};
use crate::domain::visit_code;
use crate::draw::bundle::Bundle;
use crate::draw::verify::verify;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The opening's file (`OpenVisit` gives it), or a visit code.
    file: PathBuf,
    /// The draw's certificate, or its bundle.
    #[arg(long)]
    draw: PathBuf,
    /// The key under which visit codes are signed; may be given more than once.
    #[arg(long)]
    visit_key: Vec<String>,
    /// The log's key, learnt elsewhere; without it a certificate's own is taken as given.
    #[arg(long)]
    log_key: Option<String>,
}

/// Prints `DRAWN stratum rank` once the draw and the opening hold; exits 1 at the first step that fails.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let read =
        |path: &PathBuf| std::fs::read(path).with_context(|| format!("reading {}", path.display()));
    let (given, draw) = (read(&args.file)?, read(&args.draw)?);
    let trust = Trust { key: args.log_key.clone(), policy: None };
    let is_certificate = String::from_utf8_lossy(&draw).contains(FORMAT);
    let checked = match is_certificate {
        true => certificate::verify(&draw, &trust).map(|_| ()),
        false => verify(&draw).map(|_| ()).map_err(Wrong::Draw),
    };
    if let Err(wrong) = checked {
        complain(wrong);
        return Ok(ExitCode::FAILURE);
    }
    println!("ok    the draw holds, every step of it (onevisit verify names them)");
    let certificate: Option<Certificate> = match is_certificate {
        true => Some(serde_json::from_slice(&draw)?),
        false => None,
    };
    let bundle: Bundle = match &certificate {
        Some(certificate) => certificate.bundle.clone(),
        None => serde_json::from_slice(&draw)?,
    };
    let found = match given.starts_with(visit_code::TITLE.as_bytes()) {
        true => match signed_code(&String::from_utf8(given)?, &visit_keys(&args.visit_key)?) {
            Some(code) => opening::code(&code, &bundle, certificate.as_ref()),
            None => Err((Step::Format, "this visit code is not signed by the given keys")),
        },
        false => opening::file(&given, &bundle, certificate.as_ref()),
    };
    Ok(said(found))
}

fn said(found: Result<Found, opening::Wrong>) -> ExitCode {
    match found {
        Ok(Found { stratum, places }) => {
            Step::ALL.iter().for_each(|step| println!("ok    {step}"));
            places.iter().for_each(|place| println!("{place}"));
            if places.is_empty() {
                println!("NOT DRAWN {stratum}");
            }
            ExitCode::SUCCESS
        }
        Err((step, why)) => {
            let before = Step::ALL.iter().take_while(|s| **s != step);
            before.for_each(|step| println!("ok    {step}"));
            println!("WRONG {step}\n      {why}");
            ExitCode::FAILURE
        }
    }
}
