//! The chart, rendered by helm itself and held against the schemas of Kubernetes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::harness::process;

/// The version whose schemas the manifests are held against.
const KUBERNETES: &str = "1.35";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn helm(args: &[&str]) -> Output {
    let tool = root().join(".tools/helm/helm");
    assert!(tool.exists(), "{} is installed by tests/run", tool.display());
    Command::new(tool).current_dir(root()).args(args).output().expect("helm")
}

/// A program of the tests' Python environment.
fn tool(name: &str) -> PathBuf {
    let tool = root().join(".tools/venv/bin").join(name);
    assert!(tool.exists(), "{} is installed by tests/run", tool.display());
    tool
}

/// What runs one replica, many, or a witness alone.
const ONE: &[&str] = &[];
const MANY: &[&str] = &[
    "database.engine=postgres",
    "database.postgres.existingSecret=database",
    "keys.existingSecret=keys",
    "replicas=3",
    "autoscaling.enabled=true",
    "backup.enabled=true",
    "backup.existingClaim=backups",
    "witness.enabled=true",
    "witness.logKeys={log+0123+key}",
    "log.policy=quorum none",
    "networkPolicy.fromNetworks={10.1.0.0/16}",
    "networkPolicy.toNetworks={10.2.0.0/16}",
    "creditUrl=https://credit.test/push",
    "image.digest=sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
];
const BACKED_UP: &[&str] = &["backup.enabled=true", "backup.existingClaim=backups"];
const WITNESS: &[&str] =
    &["witness.enabled=true", "witness.only=true", "witness.logKeys={log+0123+key}"];

fn rendered(values: &[&str]) -> Output {
    let set = values.iter().flat_map(|value| ["--set", value]);
    helm(&[&["template", "r", "helm"][..], &set.collect::<Vec<_>>()].concat())
}

fn manifests(values: &[&str]) -> String {
    let output = rendered(values);
    assert!(output.status.success(), "{values:?}: {}", process::said(&output));
    String::from_utf8(output.stdout).expect("text")
}

fn kinds(text: &str) -> Vec<&str> {
    let mut kinds: Vec<&str> = text.lines().filter_map(|l| l.strip_prefix("kind: ")).collect();
    kinds.sort_unstable();
    kinds
}

/// A file with manifests, for tools that read one.
fn written(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::TempDir::new().expect("folder");
    let file = folder.path().join("manifests.yaml");
    std::fs::write(&file, text).expect("file");
    (folder, file)
}

#[test]
fn the_chart_passes_helms_own_check() {
    let output = helm(&["lint", "--strict", "helm"]);
    assert!(output.status.success(), "{}", process::said(&output));
}

#[test]
fn manifests_are_what_kubernetes_takes() {
    let wanted = [
        (ONE, "NetworkPolicy Service Service StatefulSet"),
        (BACKED_UP, "CronJob NetworkPolicy NetworkPolicy Service Service StatefulSet"),
        (
            MANY,
            "ConfigMap CronJob HorizontalPodAutoscaler Job NetworkPolicy NetworkPolicy NetworkPolicy \
             NetworkPolicy PodDisruptionBudget Service Service Service StatefulSet StatefulSet",
        ),
        (WITNESS, "NetworkPolicy Service StatefulSet"),
    ];
    for (values, kinds_wanted) in wanted {
        let text = manifests(values);
        assert_eq!(kinds(&text).join(" "), kinds_wanted, "{values:?}");
        let (_folder, file) = written(&text);
        let output = Command::new(tool("kubernetes-validate"))
            .args(["--strict", "-k", KUBERNETES])
            .arg(&file)
            .output()
            .expect("kubernetes-validate");
        assert!(output.status.success(), "{values:?}: {}", process::said(&output));
    }
}

#[test]
fn pods_may_nothing_they_do_not_need() {
    let script = root().join("tests/it/helm/restricted.py");
    let run = |text: &str| {
        let (_folder, file) = written(text);
        let output = Command::new(tool("python")).arg(&script).arg(&file).output().expect("python");
        process::said(&output)
    };
    for values in [ONE, BACKED_UP, MANY, WITNESS] {
        assert_eq!(run(&manifests(values)), "", "{values:?}");
    }
    // The check itself sees what is wrong.
    let loose =
        manifests(ONE).replace("readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false");
    assert!(run(&loose).contains("readOnlyRootFilesystem"));
}

#[test]
fn values_that_cannot_work_are_refused() {
    let refused: [(&[&str], &str); 8] = [
        (&["replicas=2"], "SQLite takes one replica"),
        (&["autoscaling.enabled=true"], "SQLite takes one replica"),
        (&["replicas=abc"], "got string, want integer"),
        (&["replica=1"], "additional properties 'replica' not allowed"),
        (&["database.engine=mysql"], "database/engine"),
        (
            &["database.engine=postgres", "keys.existingSecret=k"],
            "the secret with the URL is needed",
        ),
        (&["database.engine=postgres"], "replicas on PostgreSQL need the same keys"),
        (&["backup.enabled=true"], "a volume claim for the files is needed"),
    ];
    for (values, wanted) in refused {
        let output = rendered(values);
        assert!(!output.status.success(), "{values:?}");
        assert!(process::said(&output).contains(wanted), "{values:?}: {}", process::said(&output));
    }
}

/// Words that begin with `ONEVISIT_`.
fn variables(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.filter(|word| word.starts_with("ONEVISIT_")).map(str::to_owned).collect()
}

#[test]
fn the_chart_sets_only_what_the_program_reads() {
    let helps = [&["serve"][..], &["migrate"], &["export"], &["witness", "serve"]];
    let mut known = variables("ONEVISIT_LOG");
    for command in helps {
        known.extend(variables(&process::succeed(&[command, &["--help"]].concat())));
    }
    let set: BTreeSet<String> =
        [ONE, MANY, WITNESS].into_iter().flat_map(|values| variables(&manifests(values))).collect();
    assert!(set.len() > 10, "{set:?}");
    assert!(set.is_subset(&known), "{:?}", set.difference(&known).collect::<Vec<_>>());
    // Arguments too: the backup's, with its folder.
    let folder = tempfile::TempDir::new().expect("folder");
    let database = format!("sqlite:{}", folder.path().join("t.db").display());
    process::succeed(&["migrate", "--database", &database]);
    let text = manifests(MANY);
    let args = text.lines().find_map(|l| l.trim().strip_prefix("args: [export, ")).expect("args");
    let args = args.trim_end_matches(']').replace('"', "").replace("/var/lib/onevisit/backup", "");
    let mut args: Vec<&str> = args.split(',').map(str::trim).collect();
    let place = args.iter().position(|arg| arg.is_empty()).expect("the folder");
    let into = folder.path().to_str().expect("path");
    args[place] = into;
    process::succeed(&[&["export"][..], &args, &["--database", &database]].concat());
}
