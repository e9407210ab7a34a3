//! Who is at the other end of a connection, as far as its certificate says.

/// What URIs of certificates of department systems begin with; the department's id follows.
pub const DEPARTMENT_URI: &str = "onevisit://department/";

/// The other end of a connection; stands in the extensions of each of its requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Peer {
    /// Whether departments' systems have to show one here.
    pub asked: bool,
    /// The certificate it has shown, which one of the configured authorities has issued.
    pub certificate: Option<Certificate>,
}

/// A certificate of a client, as far as it matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// SHA-256 of its DER bytes, in hexadecimal.
    pub sha256: String,
    /// The department that its one URI under [`DEPARTMENT_URI`] names; empty without one.
    pub department: String,
}
