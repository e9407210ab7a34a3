//! Oversight of a year: what is out of order and what to do, what each subject bears (R23, R30, R51,
//! R134, R135).

pub mod assessment;
pub mod burden;
pub mod coverage;
pub mod deeds;
pub mod fairness;
pub mod joint;
pub mod obligation;
pub mod share;
pub mod training;
pub mod warning;
pub mod year;
