//! `onevisit contribute`, as an office runs it.

use std::path::Path;

use onevisit::draw::verify::verify;

use crate::harness::joint::Joint;
use crate::harness::process::{run, said, succeed};
use crate::harness::{Engine, on_every_engine};

on_every_engine! { offices_contribute_from_their_own_machines }

fn arguments<'a>(
    joint: &'a Joint,
    (office, key): &'a (String, String),
    file: &'a Path,
    step: &[&'a str],
) -> Vec<&'a str> {
    let server = &joint.service.address;
    let file = file.to_str().expect("path");
    let mut out = vec!["contribute", "--server", server, "--key", key, "--campaign", "c1"];
    out.extend(["--office", office, "--file", file]);
    out.extend(step);
    out
}

async fn offices_contribute_from_their_own_machines(engine: Engine) {
    let (joint, first) = Joint::frozen(engine).await;
    let folder = tempfile::TempDir::new().expect("folder");
    let files: Vec<_> = (0..2).map(|i| folder.path().join(format!("office{i}"))).collect();
    tokio::task::block_in_place(|| {
        let step = |office: usize, step: &[&str]| {
            let file = &files[office];
            run(&arguments(&joint, &joint.supervisors[office], file, step))
        };
        let committed = step(0, &["commit", "--dice", "3 6 1 1 4"]);
        assert!(committed.status.success(), "{}", said(&committed));
        assert!(said(&committed).contains(&format!("statement {}", first.freeze_hash)));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(&files[0]).expect("kept").permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "nobody else reads the number");
        }
        let kept = std::fs::read_to_string(&files[0]).expect("kept");
        let again = step(0, &["commit"]);
        assert!(again.status.success(), "a repetition is harmless: {}", said(&again));
        assert_eq!(std::fs::read_to_string(&files[0]).expect("kept"), kept);
        let early = step(0, &["reveal"]);
        assert!(said(&early).contains("NOT_ALL_HAVE_COMMITTED"), "{}", said(&early));
        let stolen = run(&arguments(&joint, &joint.supervisors[1], &files[0], &["commit"]));
        assert!(said(&stolen).contains("holds the number of 法规科"), "{}", said(&stolen));
        for args in [(1, "commit"), (0, "reveal"), (1, "reveal")] {
            let file = &files[args.0];
            succeed(&arguments(&joint, &joint.supervisors[args.0], file, &[args.1]));
        }
    });
    joint.execute("c1", "d1").await.expect("draw");
    let verified = verify(&joint.bundle("c1").await).expect("verified");
    assert_eq!(verified.attempt, 1);
}
