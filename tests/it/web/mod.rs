//! Pages as a person sees them, in a real browser.

mod campaign;
mod hostile;
mod sign_in;
pub mod verify;
mod words;
