//! 750 real, dirty and mutated codes.

use onevisit::matching::read_id;

use super::rows;
use crate::harness::real_data;

#[test]
fn every_code_is_read_as_expected() {
    let Some(data) = real_data() else { return };
    let rows = rows(&data.join("reference/uscc_vectors.csv"));
    assert_eq!(rows.len(), 750);
    for row in rows {
        let (input, expected, canonical) = (&row[0], &row[1], &row[4]);
        let read = read_id(input);
        match expected {
            "invalid" => assert!(read.is_err(), "{input:?}: {read:?}"),
            "not-uscc" => {
                let id = read.expect("a legacy number").id;
                assert!(id.contains(':'), "{input:?} is no code: {id}");
            }
            repairable_or_valid => {
                let reading = read.unwrap_or_else(|rule| panic!("{input:?}: {rule}"));
                assert_eq!(reading.id, canonical, "{input:?} ({repairable_or_valid})");
                // Whatever differs from what was written has a named mend.
                assert_eq!(reading.mends.is_empty(), input == canonical, "{input:?}");
            }
        }
    }
}
