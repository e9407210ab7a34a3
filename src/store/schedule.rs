//! [Tx] methods on templates of campaigns and their slots.

use jiff::civil::{Date, DateTime};

use super::{Page, StoreError, Tx, from_doc, from_docs, to_doc};
use crate::domain::schedule::{Slot, SlotState, Template, TemplateState};

const TEMPLATES: &str = "campaign_templates";
const SLOTS: &str = "campaign_slots";

impl Tx {
    /// Adds a template.
    ///
    /// # Errors
    /// [`StoreError`]; a conflict when the id exists already.
    pub async fn insert_template(&mut self, template: &Template) -> Result<(), StoreError> {
        self.query(
            "INSERT INTO campaign_templates (id, jurisdiction, state, version, settled_on, doc)
             VALUES ($1, $2, $3, $4, '', $5)",
        )
        .bind(template.id().to_owned())
        .bind(template.campaign.jurisdiction.clone())
        .bind(template.state.word())
        .bind(template.version)
        .bind(to_doc(TEMPLATES, template)?)
        .execute_one()
        .await
    }

    /// A template by id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn template(&mut self, id: &str) -> Result<Option<Template>, StoreError> {
        let row: Option<(String,)> = self
            .query("SELECT doc FROM campaign_templates WHERE id = $1")
            .bind(id.to_owned())
            .fetch_optional()
            .await?;
        row.map(|(doc,)| from_doc(TEMPLATES, &doc)).transpose()
    }

    /// Stores a changed template, whose version has grown from `before`; `false` when another
    /// change came between.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn update_template(
        &mut self,
        template: &Template,
        before: i64,
    ) -> Result<bool, StoreError> {
        let touched = self
            .query(
                "UPDATE campaign_templates SET state = $3, version = $4, doc = $5
                 WHERE id = $1 AND version = $2",
            )
            .bind(template.id().to_owned())
            .bind(before)
            .bind(template.state.word())
            .bind(template.version)
            .bind(to_doc(TEMPLATES, template)?)
            .execute()
            .await?;
        Ok(touched == 1)
    }

    /// A page of templates by id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn templates(&mut self, page: &Page<'_>) -> Result<Vec<Template>, StoreError> {
        let rows = self
            .query("SELECT doc FROM campaign_templates WHERE id > $1 ORDER BY id LIMIT $2")
            .bind(page.after.to_owned())
            .bind(page.limit)
            .fetch_all()
            .await?;
        from_docs(TEMPLATES, rows)
    }

    /// Templates whose slots are used, each with the day up to which all of them are recorded.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn templates_in_use(&mut self) -> Result<Vec<(Template, Option<Date>)>, StoreError> {
        let rows: Vec<(String, String)> = self
            .query("SELECT doc, settled_on FROM campaign_templates WHERE state = $1 ORDER BY id")
            .bind(TemplateState::Approved.word())
            .fetch_all()
            .await?;
        rows.into_iter()
            .map(|(doc, on)| Ok((from_doc(TEMPLATES, &doc)?, on.parse().ok())))
            .collect()
    }

    /// Notes up to which day every slot of a template is recorded; it only grows.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn settle_template(&mut self, id: &str, on: Date) -> Result<(), StoreError> {
        self.query(
            "UPDATE campaign_templates SET settled_on = $2 WHERE id = $1 AND settled_on < $2",
        )
        .bind(id.to_owned())
        .bind(on.to_string())
        .execute()
        .await?;
        Ok(())
    }

    /// Records what became of a slot.
    ///
    /// # Errors
    /// [`StoreError`]; a conflict when it is recorded already.
    pub async fn insert_slot(&mut self, slot: &Slot) -> Result<(), StoreError> {
        self.query(
            "INSERT INTO campaign_slots (template, slot, state, campaign, freeze_us, doc)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(slot.template.clone())
        .bind(slot.slot.to_string())
        .bind(slot.state.word())
        .bind(slot.campaign.clone())
        .bind(slot.freeze_us)
        .bind(to_doc(SLOTS, slot)?)
        .execute_one()
        .await
    }

    /// Records what became of an announced slot; `false` when it was recorded meanwhile.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end_slot(&mut self, slot: &Slot) -> Result<bool, StoreError> {
        let touched = self
            .query(
                "UPDATE campaign_slots SET state = $3, doc = $4
                 WHERE template = $1 AND slot = $2 AND state = 'ANNOUNCED'",
            )
            .bind(slot.template.clone())
            .bind(slot.slot.to_string())
            .bind(slot.state.word())
            .bind(to_doc(SLOTS, slot)?)
            .execute()
            .await?;
        Ok(touched == 1)
    }

    /// A slot of a template, if it is recorded.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn slot(
        &mut self,
        template: &str,
        slot: DateTime,
    ) -> Result<Option<Slot>, StoreError> {
        let row: Option<(String,)> = self
            .query("SELECT doc FROM campaign_slots WHERE template = $1 AND slot = $2")
            .bind(template.to_owned())
            .bind(slot.to_string())
            .fetch_optional()
            .await?;
        row.map(|(doc,)| from_doc(SLOTS, &doc)).transpose()
    }

    /// A page of the slots of a template, in order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn slots(
        &mut self,
        template: &str,
        page: &Page<'_>,
    ) -> Result<Vec<Slot>, StoreError> {
        let rows = self
            .query(
                "SELECT doc FROM campaign_slots WHERE template = $1 AND slot > $2
                 ORDER BY slot LIMIT $3",
            )
            .bind(template.to_owned())
            .bind(page.after.to_owned())
            .bind(page.limit)
            .fetch_all()
            .await?;
        from_docs(SLOTS, rows)
    }

    /// Announced slots whose campaigns are to be frozen by now, earliest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn slots_to_freeze(&mut self, now_us: i64) -> Result<Vec<Slot>, StoreError> {
        let rows = self
            .query(
                "SELECT doc FROM campaign_slots WHERE state = $1 AND freeze_us <= $2
                 ORDER BY freeze_us, template, slot",
            )
            .bind(SlotState::Announced.word())
            .bind(now_us)
            .fetch_all()
            .await?;
        from_docs(SLOTS, rows)
    }
}
