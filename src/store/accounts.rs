//! [Tx] methods on accounts, their sessions and who tried to sign in.

use super::{Page, StoreError, Tx};
use crate::domain::account::{Account, Attempts};
use crate::domain::caller::{Caller, Role};

/// An account with its secrets.
#[derive(Clone, Debug)]
pub struct StoredAccount {
    /// What is shown of it.
    pub account: Account,
    /// The password's hash, in PHC form.
    pub password: String,
    /// The second factor's secret, encrypted.
    pub totp: Vec<u8>,
    /// The step of the code used last.
    pub last_step: i64,
    /// Attempts since the last good one.
    pub attempts: Attempts,
}

/// A session: the account, when it began and when it was last used, in microseconds UTC.
#[derive(Clone, Debug)]
pub struct StoredSession {
    /// The account.
    pub account: Account,
    /// When it began.
    pub created_us: i64,
    /// When it was last used.
    pub seen_us: i64,
}

#[derive(sqlx::FromRow)]
struct Columns {
    id: String,
    name: String,
    role: String,
    department: String,
    office: String,
    password: String,
    totp: Vec<u8>,
    last_step: i64,
    fails: i64,
    locked_until_us: i64,
    version: i64,
    disabled_us: Option<i64>,
    jurisdiction: String,
}

#[derive(sqlx::FromRow)]
struct SessionColumns {
    id: String,
    name: String,
    role: String,
    department: String,
    office: String,
    version: i64,
    disabled_us: Option<i64>,
    jurisdiction: String,
    created_us: i64,
    seen_us: i64,
}

fn role(word: String) -> Result<Role, StoreError> {
    Role::from_word(&word).ok_or(StoreError::Word { table: "accounts", word })
}

fn read(c: Columns) -> Result<StoredAccount, StoreError> {
    let caller = Caller {
        key_id: c.id,
        role: role(c.role)?,
        department: c.department,
        jurisdiction: c.jurisdiction,
        office: c.office,
        inspector: String::new(),
    };
    let enabled = c.disabled_us.is_none();
    let account = Account { name: c.name, caller, version: c.version, enabled };
    let attempts = Attempts { fails: c.fails, locked_until_us: c.locked_until_us };
    let (password, totp, last_step) = (c.password, c.totp, c.last_step);
    Ok(StoredAccount { account, password, totp, last_step, attempts })
}

impl Tx {
    /// Adds an account.
    ///
    /// # Errors
    /// [`StoreError`]; a conflict when the name is taken.
    pub async fn insert_account(
        &mut self,
        new: &StoredAccount,
        now_us: i64,
    ) -> Result<(), StoreError> {
        let Account { name, caller, .. } = &new.account;
        self.query(
            "INSERT INTO accounts (id, name, role, department, office, password, totp, last_step,
               fails, locked_until_us, version, created_us)
             VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, 0, 1, $8)",
        )
        .bind(caller.key_id.clone())
        .bind(name.clone())
        .bind(caller.role.word())
        .bind(caller.department.clone())
        .bind(caller.office.clone())
        .bind(new.password.clone())
        .bind(new.totp.clone())
        .bind(now_us)
        .execute_one()
        .await
    }

    /// The account with this id or this name; the other one is empty.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn account(
        &mut self,
        id: &str,
        name: &str,
    ) -> Result<Option<StoredAccount>, StoreError> {
        let row: Option<Columns> = self
            .query(
                "SELECT a.id, a.name, role, department, office, password, totp, last_step, fails,
                   locked_until_us, a.version, disabled_us, COALESCE(jurisdiction, '') AS jurisdiction
                 FROM accounts a LEFT JOIN departments d ON d.id = department
                 WHERE a.id = $1 OR a.name = $2",
            )
            .bind(id.to_owned())
            .bind(name.to_owned())
            .fetch_optional()
            .await?;
        row.map(read).transpose()
    }

    /// A page of accounts by name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn accounts(&mut self, page: &Page<'_>) -> Result<Vec<Account>, StoreError> {
        let rows: Vec<Columns> = self
            .query(
                "SELECT a.id, a.name, role, department, office, password, totp, last_step, fails,
                   locked_until_us, a.version, disabled_us, COALESCE(jurisdiction, '') AS jurisdiction
                 FROM accounts a LEFT JOIN departments d ON d.id = department
                 WHERE a.name > $1 ORDER BY a.name LIMIT $2",
            )
            .bind(page.after.to_owned())
            .bind(page.limit)
            .fetch_all()
            .await?;
        rows.into_iter().map(|row| Ok(read(row)?.account)).collect()
    }

    /// Stores who an account is for, and whether it may sign in; `false` when somebody was faster.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn update_account(
        &mut self,
        account: &Account,
        since: i64,
        now_us: i64,
    ) -> Result<bool, StoreError> {
        let disabled = (!account.enabled).then_some(now_us);
        let touched = self
            .query(
                "UPDATE accounts SET role = $2, department = $3, office = $4, version = $5,
                   disabled_us = COALESCE(disabled_us, $6)
                 WHERE id = $1 AND version = $7",
            )
            .bind(account.caller.key_id.clone())
            .bind(account.caller.role.word())
            .bind(account.caller.department.clone())
            .bind(account.caller.office.clone())
            .bind(account.version)
            .bind(disabled)
            .bind(since)
            .execute()
            .await?;
        Ok(touched == 1)
    }

    /// Stores another password.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn update_password(&mut self, id: &str, hash: &str) -> Result<(), StoreError> {
        self.query("UPDATE accounts SET password = $2 WHERE id = $1")
            .bind(id.to_owned())
            .bind(hash.to_owned())
            .execute_one()
            .await
    }

    /// Counts an attempt to sign in; `false` when another attempt was counted meanwhile.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn count_attempt(
        &mut self,
        id: &str,
        before: Attempts,
        after: Attempts,
    ) -> Result<bool, StoreError> {
        let touched = self
            .query(
                "UPDATE accounts SET fails = $2, locked_until_us = $3
                 WHERE id = $1 AND fails = $4 AND locked_until_us = $5",
            )
            .bind(id.to_owned())
            .bind(after.fails)
            .bind(after.locked_until_us)
            .bind(before.fails)
            .bind(before.locked_until_us)
            .execute()
            .await?;
        Ok(touched == 1)
    }

    /// Notes a good attempt with the step of its code; `false` when a code of that step was used.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn use_step(&mut self, id: &str, step: i64) -> Result<bool, StoreError> {
        let touched = self
            .query(
                "UPDATE accounts SET fails = 0, locked_until_us = 0, last_step = $2
                 WHERE id = $1 AND last_step < $2 AND disabled_us IS NULL",
            )
            .bind(id.to_owned())
            .bind(step)
            .execute()
            .await?;
        Ok(touched == 1)
    }

    /// Records an attempt: `IN`, `WRONG` or `LOCKED`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn insert_sign_in(
        &mut self,
        (id, account): (&str, &str),
        at_us: i64,
        outcome: &'static str,
    ) -> Result<(), StoreError> {
        self.query("INSERT INTO sign_ins (id, account, at_us, outcome) VALUES ($1, $2, $3, $4)")
            .bind(id.to_owned())
            .bind(account.to_owned())
            .bind(at_us)
            .bind(outcome)
            .execute_one()
            .await
    }

    /// The latest attempts of an account: when, and what became of them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sign_ins(
        &mut self,
        account: &str,
        limit: i64,
    ) -> Result<Vec<(i64, String)>, StoreError> {
        self.query(
            "SELECT at_us, outcome FROM sign_ins WHERE account = $1 ORDER BY at_us DESC, id LIMIT $2",
        )
        .bind(account.to_owned())
        .bind(limit)
        .fetch_all()
        .await
    }

    /// Begins a session, and forgets those that ended by their age.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn insert_session(
        &mut self,
        hash: &[u8],
        account: &str,
        now_us: i64,
        oldest_us: i64,
    ) -> Result<(), StoreError> {
        self.query("DELETE FROM sessions WHERE created_us < $1").bind(oldest_us).execute().await?;
        self.query(
            "INSERT INTO sessions (hash, account, created_us, seen_us) VALUES ($1, $2, $3, $3)",
        )
        .bind(hash.to_vec())
        .bind(account.to_owned())
        .bind(now_us)
        .execute_one()
        .await
    }

    /// A session by the hash of its token, with its account.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn session(&mut self, hash: &[u8]) -> Result<Option<StoredSession>, StoreError> {
        let row: Option<SessionColumns> = self
            .query(
                "SELECT a.id, a.name, role, department, office, a.version, disabled_us,
                   COALESCE(jurisdiction, '') AS jurisdiction, s.created_us, s.seen_us
                 FROM sessions s JOIN accounts a ON a.id = s.account
                 LEFT JOIN departments d ON d.id = department WHERE s.hash = $1",
            )
            .bind(hash.to_vec())
            .fetch_optional()
            .await?;
        let read = |c: SessionColumns| -> Result<StoredSession, StoreError> {
            let caller = Caller {
                key_id: c.id,
                role: role(c.role)?,
                department: c.department,
                jurisdiction: c.jurisdiction,
                office: c.office,
                inspector: String::new(),
            };
            let enabled = c.disabled_us.is_none();
            let account = Account { name: c.name, caller, version: c.version, enabled };
            Ok(StoredSession { account, created_us: c.created_us, seen_us: c.seen_us })
        };
        row.map(read).transpose()
    }

    /// Notes that a session was used.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn touch_session(&mut self, hash: &[u8], now_us: i64) -> Result<(), StoreError> {
        self.query("UPDATE sessions SET seen_us = $2 WHERE hash = $1 AND seen_us < $2")
            .bind(hash.to_vec())
            .bind(now_us)
            .execute()
            .await?;
        Ok(())
    }

    /// Ends a session.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delete_session(&mut self, hash: &[u8]) -> Result<(), StoreError> {
        self.query("DELETE FROM sessions WHERE hash = $1").bind(hash.to_vec()).execute().await?;
        Ok(())
    }

    /// Ends all sessions of an account.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delete_sessions(&mut self, account: &str) -> Result<(), StoreError> {
        self.query("DELETE FROM sessions WHERE account = $1")
            .bind(account.to_owned())
            .execute()
            .await?;
        Ok(())
    }
}
