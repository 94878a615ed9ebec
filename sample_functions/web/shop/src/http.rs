//! What an `http-ingress` sends and wants back: requests and responses as JSON, where a body is a list of numbers.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// There is more in it, which is passed over here: `protocol`, `host` (with the port) and `headers`.
#[derive(Deserialize)]
pub struct Request {
    /// `Get`, `Head`, `Post`, `Put`, `Delete` or `Patch`.
    pub method: String,
    /// With the query, as in `/orders?fruit=apples`.
    pub path: String,
    pub body: Option<Vec<u8>>,
}

impl Request {
    pub fn parse(message: &[u8]) -> Result<Request, serde_json::Error> {
        serde_json::from_slice(message)
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(self.body.as_deref().unwrap_or_default()).trim().to_string()
    }
}

/// All three must be there: from anything else the platform makes no response, it closes the connection.
#[derive(Serialize)]
pub struct Response {
    status: u16,
    headers: BTreeMap<String, String>,
    body: Option<Vec<u8>>,
}

impl Response {
    /// A line of text.
    pub fn text(status: u16, text: &str) -> Response {
        let headers = BTreeMap::from([("content-type".to_string(), "text/plain; charset=utf-8".to_string())]);
        Response { status, headers, body: Some(format!("{text}\n").into_bytes()) }
    }

    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap()
    }
}
