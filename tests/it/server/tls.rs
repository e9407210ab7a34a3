//! TLS in the service: 1.3 only, a department's key worth nothing without its certificate (T21, T22).

use std::path::{Path, PathBuf};
use std::process::Command;

use onevisit::rpc::client::{Bearer, Files, connect_by};
use onevisit::rpc::pb;
use onevisit::rpc::pb::registry_service_client::RegistryServiceClient;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, SanType};
use sha2::{Digest as _, Sha256};
use tonic::{Code, Status};

use crate::harness::data::item_list;
use crate::harness::process::{Served, run, said, storage, succeed};
use crate::harness::{Engine, TestDb, on_every_engine};

on_every_engine! { threat_t22_only_tls_of_today_is_spoken, threat_t21_a_key_is_bound_to_a_certificate }

/// An authority, and where its certificate is.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    file: PathBuf,
    folder: PathBuf,
}

impl Authority {
    fn new(folder: &Path, name: &str) -> Self {
        let key = KeyPair::generate().expect("key");
        let mut params = CertificateParams::new(Vec::new()).expect("params");
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let file = folder.join(format!("{name}.pem"));
        std::fs::write(&file, params.self_signed(&key).expect("signed").pem()).expect("file");
        Self { issuer: Issuer::new(params, key), file, folder: folder.to_owned() }
    }

    /// A certificate for this machine, or of whom its URIs name; returns its files and digest.
    fn certify(&self, name: &str, uris: &[&str]) -> (PathBuf, PathBuf, String) {
        let key = KeyPair::generate().expect("key");
        let names = if uris.is_empty() { vec!["127.0.0.1".to_owned()] } else { Vec::new() };
        let mut params = CertificateParams::new(names).expect("params");
        params.distinguished_name.push(DnType::CommonName, name);
        let uri = |uri: &&str| SanType::URI((*uri).try_into().expect("ascii"));
        params.subject_alt_names.extend(uris.iter().map(uri));
        let cert = params.signed_by(&key, &self.issuer).expect("signed");
        let files = ["pem", "key"].map(|ending| self.folder.join(format!("{name}.{ending}")));
        std::fs::write(&files[0], cert.pem()).expect("file");
        std::fs::write(&files[1], key.serialize_pem()).expect("file");
        let [cert_file, key_file] = files;
        (cert_file, key_file, hex::encode(Sha256::digest(cert.der())))
    }
}

/// A service that speaks TLS, and its address.
fn secured(db: &TestDb, authority: &Authority) -> (Served, String, String) {
    let (cert, key, digest) = authority.certify("service", &[]);
    let key_file = db.folder.path().join("key");
    let served = Served::start_as(db, &key_file, |command| {
        command.args(["--tls-cert".as_ref(), cert.as_os_str()]);
        command.args(["--tls-key".as_ref(), key.as_os_str()]);
        command.args(["--tls-client-ca".as_ref(), authority.file.as_os_str()]);
    });
    let served = served.expect("it serves");
    let address = served.address.replace("http://", "");
    (served, address, digest)
}

fn browser(address: &str, authority: &Authority, more: &[&str]) -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/server/tls.py");
    let output = Command::new("python3")
        .args([script, address])
        .arg(&authority.file)
        .args(more)
        .output()
        .expect("python3");
    said(&output).trim().to_owned()
}

async fn threat_t22_only_tls_of_today_is_spoken(engine: Engine) {
    let db = TestDb::new(engine).await;
    let authority = Authority::new(db.folder.path(), "authority");
    let (served, address, digest) = secured(&db, &authority);
    assert_eq!(browser(&address, &authority, &[]), format!("TLSv1.3 200 {digest}"));
    assert_eq!(browser(&address, &authority, &["1.2"]), "refused");
    let other = Authority::new(db.folder.path(), "other");
    assert_eq!(browser(&address, &other, &[]), "refused", "a client knows its authority");
    assert!(plain_is_refused(&served.address).await);
    // A renewed certificate is shown without a restart; a file that is cut is not.
    let (cert, _, renewed) = authority.certify("service", &[]);
    assert_ne!(renewed, digest);
    assert_eq!(browser(&address, &authority, &[]), format!("TLSv1.3 200 {renewed}"));
    let whole = std::fs::read(&cert).expect("file");
    std::fs::write(&cert, &whole[..whole.len() / 2]).expect("file");
    assert_eq!(browser(&address, &authority, &[]), format!("TLSv1.3 200 {renewed}"));
    let key_file = db.folder.path().join("none");
    let half = ["serve", "--tls-cert", cert.to_str().expect("path")];
    assert!(said(&run(&[&half[..], &storage(&db, &key_file)].concat())).contains("--tls-key"));
}

/// Whether a call without TLS fails.
async fn plain_is_refused(address: &str) -> bool {
    use onevisit::rpc::pb::ledger_service_client::LedgerServiceClient;
    let Ok(channel) = onevisit::rpc::client::connect(address).await else { return true };
    LedgerServiceClient::new(channel).get_checkpoint(pb::GetCheckpointRequest {}).await.is_err()
}

/// Puts an item list, as the caller that certificate and key make.
async fn put(
    address: &str,
    authority: &Authority,
    shown: Option<&(PathBuf, PathBuf, String)>,
    secret: Option<&str>,
) -> Result<i64, Status> {
    let files = Files {
        server_ca: Some(authority.file.clone()),
        client_cert: shown.map(|(cert, _, _)| cert.clone()),
        client_key: shown.map(|(_, key, _)| key.clone()),
    };
    let channel = connect_by(&format!("https://{address}"), &files).await;
    let channel = channel.map_err(|e| Status::unavailable(format!("{e:?}")))?;
    let bearer = secret.map_or_else(Bearer::none, |s| Bearer::new(s).expect("secret"));
    let mut registry = RegistryServiceClient::with_interceptor(channel, bearer);
    let request =
        pb::PutItemListRequest { request_id: "items".into(), item_list: Some(item_list(&["A1"])) };
    Ok(registry.put_item_list(request).await?.into_inner().version)
}

/// Two departments and their keys, made while the service does not ask for certificates.
async fn departments(db: &TestDb) -> [String; 2] {
    let key_file = db.folder.path().join("key");
    let storage = storage(db, &key_file);
    let served = Served::start(db, &key_file);
    let market = crate::cli::department(&served, db, &key_file).await;
    let office = succeed(&[&["key", "office", "办公室"][..], &storage].concat());
    let channel = onevisit::rpc::client::connect(&served.address).await.expect("connect");
    let bearer = Bearer::new(office.trim()).expect("secret");
    let mut registry = RegistryServiceClient::with_interceptor(channel, bearer);
    let department = Some(pb::Department {
        department_id: "fire".into(),
        name: "消防".into(),
        jurisdiction: "990001".into(),
        ..Default::default()
    });
    let request = pb::PutDepartmentRequest { request_id: "fire".into(), department };
    registry.put_department(request).await.expect("department");
    let fire = succeed(&[&["key", "department", "fire"][..], &storage].concat());
    tokio::task::spawn_blocking(|| served.terminate()).await.expect("stopped");
    [market, fire.trim().to_owned()]
}

async fn threat_t21_a_key_is_bound_to_a_certificate(engine: Engine) {
    let db = TestDb::new(engine).await;
    let [market, fire] = departments(&db).await;
    let authority = Authority::new(db.folder.path(), "authority");
    let stranger = Authority::new(db.folder.path(), "stranger");
    let (_served, address, _) = secured(&db, &authority);
    let own = authority.certify("market", &["onevisit://department/market"]);
    let forged = stranger.certify("forged", &["onevisit://department/market"]);
    let nobody = authority.certify("nobody", &["onevisit://department/nobody"]);
    let unnamed = authority.certify("unnamed", &["https://example.test/"]);
    let uris = ["onevisit://department/market", "onevisit://department/fire"];
    let both = authority.certify("both", &uris);
    let refused = [
        ("a stolen key", None, Some(&market)),
        ("no credential", None, None),
        ("another department's key", Some(&own), Some(&fire)),
        ("an unknown department", Some(&nobody), None),
        ("a certificate that names none", Some(&unnamed), None),
        ("the same with a key", Some(&unnamed), Some(&market)),
    ];
    for (what, shown, secret) in refused {
        let status = put(&address, &authority, shown, secret.map(|s| s.as_str())).await;
        assert_eq!(status.expect_err(what).code(), Code::Unauthenticated, "{what}");
    }
    for (what, shown) in [("of a stranger", &forged), ("of two departments", &both)] {
        let status = put(&address, &authority, Some(shown), Some(&market)).await.expect_err(what);
        assert!(
            matches!(status.code(), Code::Unavailable | Code::Unknown | Code::Cancelled),
            "{what}: {status:?}"
        );
    }
    let alone = put(&address, &authority, Some(&own), None).await.expect("certificate alone");
    assert_eq!(alone, 1);
    put(&address, &authority, Some(&own), Some(&market)).await.expect("certificate and key");
    // The command too.
    let file = db.folder.path().join("list.csv");
    std::fs::write(&file, "subject_id,name,address,district\n").expect("csv");
    let https = format!("https://{address}");
    let path = |p: &PathBuf| p.to_str().expect("path").to_owned();
    let text = succeed(&[
        "import",
        "--server",
        &https,
        "--server-ca",
        &path(&authority.file),
        "--client-cert",
        &path(&own.0),
        "--client-key",
        &path(&own.1),
        "--request-id",
        "s1",
        "subjects",
        &path(&file),
    ]);
    assert!(text.starts_with("0 rows"), "{text}");
}
