//! Real lists, where they are beside the project; each test prints why it is skipped otherwise.

mod matching;
mod nangang;
mod uscc;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;

/// Rows of a CSV file, plain or gzip, by column name.
pub fn rows(path: &Path) -> Vec<csv::StringRecord> {
    let file = File::open(path).expect("file");
    let bytes: Box<dyn Read> = match path.extension().is_some_and(|e| e == "gz") {
        true => Box::new(GzDecoder::new(file)),
        false => Box::new(file),
    };
    csv::Reader::from_reader(bytes).records().map(|r| r.expect("row")).collect()
}
