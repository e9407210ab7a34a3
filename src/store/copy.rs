//! PostgreSQL's binary COPY format (documentation, "COPY", file formats).

use super::cell::Cell;

const SIGNATURE: &[u8; 11] = b"PGCOPY\n\xff\r\n\0";
/// Bytes of flags and extension length after the signature, all zero.
const HEADER_ZEROS: [u8; 8] = [0; 8];
const TRAILER: i16 = -1;
const BIGINT_BYTES: i32 = 8;

/// One complete COPY stream.
pub(super) fn encode<const N: usize>(rows: &[[Cell<'_>; N]]) -> Vec<u8> {
    let mut out = Vec::with_capacity(64 + rows.len() * 256);
    let width = i16::try_from(N).unwrap_or(i16::MAX);
    out.extend_from_slice(SIGNATURE);
    out.extend_from_slice(&HEADER_ZEROS);
    for row in rows {
        out.extend_from_slice(&width.to_be_bytes());
        for cell in row {
            match cell {
                Cell::Int(number) => {
                    out.extend_from_slice(&BIGINT_BYTES.to_be_bytes());
                    out.extend_from_slice(&number.to_be_bytes());
                }
                Cell::Text(text) => push(&mut out, text.as_bytes()),
                Cell::Bytes(bytes) => push(&mut out, bytes),
            }
        }
    }
    out.extend_from_slice(&TRAILER.to_be_bytes());
    out
}

fn push(out: &mut Vec<u8>, field: &[u8]) {
    let length = i32::try_from(field.len()).unwrap_or(i32::MAX);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(field);
}
