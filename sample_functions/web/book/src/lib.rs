//! Keeps the orders in an SQLite database, through a `sqlx` resource at its output `database`.
//!
//! Call it with an order as JSON to write it down and get its number, or with `total` to hear what was sold.

use edgeless_function::*;
use serde::Deserialize;

/// The resource makes this table, and knows no other form of row than its two columns.
const TABLE: &str = "WorkflowState (id, metadata)";

struct Book;

impl EdgeFunction for Book {
    fn handle_cast(_src: InstanceId, _message: &[u8]) {
        log::warn!("a cast has nobody waiting for the order's number; call me");
    }

    fn handle_call(_src: InstanceId, message: &[u8]) -> CallRet {
        let text = String::from_utf8_lossy(message);
        let answer = if text == "total" { total() } else { write_down(&text) };
        match answer {
            Ok(answer) => CallRet::Reply(OwnedByteBuff::new_from_slice(answer.as_bytes())),
            Err(problem) => {
                log::error!("{problem}");
                CallRet::Err
            }
        }
    }

    fn handle_init(_payload: Option<&[u8]>, _serialized_state: Option<&[u8]>) {
        init_logger();
    }

    fn handle_stop() {}
}

/// The number of the order that is new in the book.
fn write_down(order: &str) -> Result<String, String> {
    // What comes from outside may hold a quotation mark. Doubled, it does not end the text that it stands in.
    let order = order.replace('\'', "''");
    let told = ask(&format!("INSERT INTO {TABLE} VALUES (hex(randomblob(8)), json('{order}'))"))?;
    // The resource tells of changes in words: rows_affected: 1, last_insert_rowid: 7.
    let number = told.strip_prefix("rows_affected: 1, last_insert_rowid: ").and_then(|rest| rest.strip_suffix('.'));
    number.map(str::to_string).ok_or(told)
}

fn total() -> Result<String, String> {
    #[derive(Deserialize)]
    struct Row {
        metadata: Total,
    }
    #[derive(Deserialize)]
    struct Total {
        orders: u64,
        cents: u64,
    }
    // The resource passes on the first row only, and of that the columns id and metadata: so both must be in it.
    let sum = "coalesce(sum(json_extract(metadata, '$.cents')), 0)";
    let told = ask(&format!(
        "SELECT 'total' AS id, json_object('orders', count(*), 'cents', {sum}) AS metadata FROM WorkflowState"
    ))?;
    // What is wrong with the SQL comes as a reply, too. It is not JSON, and says what it is.
    let Row { metadata: Total { orders, cents } } = serde_json::from_str(&told).map_err(|_| told)?;
    Ok(format!("{orders} so far, for {}.{:02} in all", cents / 100, cents % 100))
}

/// The resource tells by the words in the SQL what is wanted: with SELECT in it, a row; with INSERT, UPDATE or DELETE, a
/// change; with none of them it answers Err. They must be in capitals.
///
/// A database that cannot be opened is another matter: on the platform the resource is gone then, and nobody will ever
/// answer this call.
fn ask(sql: &str) -> Result<String, String> {
    match call("database", sql.as_bytes()) {
        CallRet::Reply(reply) => Ok(String::from_utf8_lossy(&reply).into_owned()),
        CallRet::NoReply => Err("the database says nothing".to_string()),
        CallRet::Err => Err("the database refuses".to_string()),
    }
}

edgeless_function::export!(Book);
