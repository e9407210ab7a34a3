//! Large documents as compressed JSON.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::AppError;

/// Compresses bytes.
///
/// # Errors
/// [`AppError::Broken`]; memory does not fail otherwise.
pub fn deflate(bytes: &[u8]) -> Result<Vec<u8>, AppError> {
    let broken = |_| AppError::Broken("compression failed");
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).map_err(broken)?;
    encoder.finish().map_err(broken)
}

/// Decompresses bytes.
///
/// # Errors
/// [`AppError::Broken`] when they are not what was compressed.
pub fn inflate(bytes: &[u8]) -> Result<Vec<u8>, AppError> {
    let mut out = Vec::new();
    GzDecoder::new(bytes)
        .read_to_end(&mut out)
        .map_err(|_| AppError::Broken("a stored document does not decompress"))?;
    Ok(out)
}

/// A value as compressed JSON.
///
/// # Errors
/// [`AppError::Broken`].
pub fn pack<T: Serialize>(value: &T) -> Result<Vec<u8>, AppError> {
    let json = serde_json::to_vec(value).map_err(|_| AppError::Broken("a value has no JSON"))?;
    deflate(&json)
}

/// Reads a value back.
///
/// # Errors
/// [`AppError::Broken`] when the bytes are not of this type.
pub fn unpack<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, AppError> {
    serde_json::from_slice(&inflate(bytes)?)
        .map_err(|_| AppError::Broken("a stored document is of another type"))
}
