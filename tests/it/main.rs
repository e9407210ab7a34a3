//! The one integration binary.

mod draw;
