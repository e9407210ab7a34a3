//! [Tx] methods on calendars and the days that are fixed for visits.

use jiff::civil::Date;

use super::{StoreError, Tx, from_docs, to_doc};
use crate::domain::appointment::{Appointment, Blackout};

impl Tx {
    /// Replaces the busy days of a person.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put_busy_days(
        &mut self,
        department: &str,
        inspector: &str,
        days: &[Date],
    ) -> Result<(), StoreError> {
        self.query("DELETE FROM busy_days WHERE department = $1 AND inspector = $2")
            .bind(department.to_owned())
            .bind(inspector.to_owned())
            .execute()
            .await?;
        let texts: Vec<String> = days.iter().map(Date::to_string).collect();
        let rows: Vec<_> = texts
            .iter()
            .map(|d| [department.into(), inspector.into(), d.as_str().into()])
            .collect();
        self.load("busy_days", &["department", "inspector", "day"], &rows).await
    }

    /// The busy days of a person from the first to the last, both included.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn busy_days(
        &mut self,
        (department, inspector): (&str, &str),
        first: Date,
        last: Date,
    ) -> Result<Vec<Date>, StoreError> {
        let rows: Vec<(String,)> = self
            .query(
                "SELECT day FROM busy_days WHERE department = $1 AND inspector = $2
                   AND day >= $3 AND day <= $4 ORDER BY day",
            )
            .bind(department.to_owned())
            .bind(inspector.to_owned())
            .bind(first.to_string())
            .bind(last.to_string())
            .fetch_all()
            .await?;
        let word = |day: &String| StoreError::Word { table: "busy_days", word: day.clone() };
        rows.iter().map(|(day,)| day.parse().map_err(|_| word(day))).collect()
    }

    /// Replaces what a giver has told of a subject.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put_blackouts(
        &mut self,
        [jurisdiction, subject, giver]: [&str; 3],
        blackouts: &[Blackout],
    ) -> Result<(), StoreError> {
        self.query(
            "INSERT INTO blackouts (jurisdiction, subject, giver, doc) VALUES ($1, $2, $3, $4)
             ON CONFLICT (jurisdiction, subject, giver) DO UPDATE SET doc = EXCLUDED.doc",
        )
        .bind(jurisdiction.to_owned())
        .bind(subject.to_owned())
        .bind(giver.to_owned())
        .bind(to_doc("blackouts", &blackouts)?)
        .execute_one()
        .await
    }

    /// What everybody has told of a subject, under any of its ids.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn blackouts(
        &mut self,
        jurisdiction: &str,
        subject: &str,
    ) -> Result<Vec<Blackout>, StoreError> {
        let rows = self
            .query(
                "SELECT doc FROM blackouts WHERE jurisdiction = $1 AND (subject = $2
                   OR subject IN (SELECT id FROM links WHERE jurisdiction = $1 AND canonical = $2))
                 ORDER BY subject, giver",
            )
            .bind(jurisdiction.to_owned())
            .bind(subject.to_owned())
            .fetch_all()
            .await?;
        let lists: Vec<Vec<Blackout>> = from_docs("blackouts", rows)?;
        Ok(lists.into_iter().flatten().collect())
    }

    /// Stores the day of a visit; `false` when somebody else has fixed one since `version - 1`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put_appointment(&mut self, fixed: &Appointment) -> Result<bool, StoreError> {
        let touched = self
            .query(
                "INSERT INTO appointments (campaign, attempt, rank, version, doc)
                 VALUES ($1, $2, $3, $4, $5)
                 ON CONFLICT (campaign, attempt, rank) DO UPDATE
                 SET version = EXCLUDED.version, doc = EXCLUDED.doc
                 WHERE appointments.version = EXCLUDED.version - 1",
            )
            .bind(fixed.campaign.clone())
            .bind(fixed.attempt)
            .bind(fixed.rank)
            .bind(fixed.version)
            .bind(to_doc("appointments", fixed)?)
            .execute()
            .await?;
        Ok(touched == 1)
    }

    /// The days that are fixed for the visits of an attempt, by rank.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn appointments(
        &mut self,
        campaign: &str,
        attempt: i64,
    ) -> Result<Vec<Appointment>, StoreError> {
        let rows = self
            .query(
                "SELECT doc FROM appointments WHERE campaign = $1 AND attempt = $2 ORDER BY rank",
            )
            .bind(campaign.to_owned())
            .bind(attempt)
            .fetch_all()
            .await?;
        from_docs("appointments", rows)
    }

    /// Every fixed day of a campaign, over all attempts.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn all_appointments(
        &mut self,
        campaign: &str,
    ) -> Result<Vec<Appointment>, StoreError> {
        let rows = self
            .query("SELECT doc FROM appointments WHERE campaign = $1 ORDER BY attempt, rank")
            .bind(campaign.to_owned())
            .fetch_all()
            .await?;
        from_docs("appointments", rows)
    }

    /// The day that is fixed for a visit.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn appointment(
        &mut self,
        campaign: &str,
        attempt: i64,
        rank: i64,
    ) -> Result<Option<Appointment>, StoreError> {
        let rows = self
            .query(
                "SELECT doc FROM appointments WHERE campaign = $1 AND attempt = $2 AND rank = $3",
            )
            .bind(campaign.to_owned())
            .bind(attempt)
            .bind(rank)
            .fetch_all()
            .await?;
        Ok(from_docs("appointments", rows)?.pop())
    }
}
