//! DR1 against its law and its promises.

mod vectors;
