//! What a page is made of. One set of templates shows all pages, so that all look and read alike.

use super::chart::Chart;

/// Somewhere to go.
#[derive(Clone, Debug)]
pub struct Link {
    /// The address.
    pub href: String,
    /// The words.
    pub text: String,
}

impl Link {
    /// A link.
    pub fn new(href: impl Into<String>, text: impl Into<String>) -> Self {
        Self { href: href.into(), text: text.into() }
    }
}

/// A whole page, but for what all pages have.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// Its heading, and the first words of its title.
    pub title: String,
    /// One sentence on what it is for.
    pub lead: String,
    /// Where it hangs: from the overview down.
    pub trail: Vec<Link>,
    /// Its parts from top to bottom.
    pub blocks: Vec<Block>,
    /// Seconds after which it reads itself anew; 0 for never.
    pub refresh: u32,
    /// A script of its own, by name; empty for none.
    pub script: &'static str,
}

/// A part of a page.
#[derive(Clone, Debug)]
pub enum Block {
    /// A heading of the second level.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// What has happened or has to be looked at.
    Notice(Notice),
    /// Figures side by side.
    Figures(Vec<Figure>),
    /// Rows.
    Table(Table),
    /// Names with their values.
    Facts(Vec<(String, Cell)>),
    /// A picture with the table it is drawn from.
    Chart(Chart),
    /// A form.
    Form(Form),
    /// Buttons side by side, each a form of its own.
    Buttons(Vec<Form>),
    /// Nothing is here: what to do next.
    Empty(String, Vec<Link>),
    /// Further pages.
    Links(Vec<Link>),
    /// A text as it is kept.
    Plain(String),
    /// A QR code as SVG, made here of ASCII.
    Code(String),
    /// The draw as it comes.
    Ceremony(Box<super::ceremony::Scene>),
}

/// What has happened.
#[derive(Clone, Debug)]
pub struct Notice {
    /// `good`, `warn` or `bad`.
    pub kind: &'static str,
    /// In words.
    pub text: String,
    /// Each single thing, if there are several.
    pub items: Vec<String>,
}

/// A figure with where it comes from.
#[derive(Clone, Debug, Default)]
pub struct Figure {
    /// What is counted.
    pub label: String,
    /// How many.
    pub value: String,
    /// How it is computed.
    pub formula: String,
    /// Where its rows are.
    pub href: String,
    /// `good`, `warn`, `bad` or nothing.
    pub kind: &'static str,
}

/// Rows under columns.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// What it lists.
    pub caption: String,
    /// Names of its columns.
    pub columns: Vec<String>,
    /// Its rows.
    pub rows: Vec<Vec<Cell>>,
    /// The next page of rows.
    pub next: Option<Link>,
}

/// A cell.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    /// Its text.
    pub text: String,
    /// Where it leads; empty for nowhere.
    pub href: String,
    /// `number`, `code`, `good`, `warn`, `bad`, `wait`, or nothing.
    pub kind: &'static str,
}

impl Cell {
    /// Plain text.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// A number, set to the right.
    pub fn number(number: impl ToString) -> Self {
        Self { text: number.to_string(), kind: "number", ..Self::default() }
    }

    /// An id or a hash.
    pub fn code(text: impl Into<String>) -> Self {
        Self { text: text.into(), kind: "code", ..Self::default() }
    }

    /// A link.
    pub fn link(href: impl Into<String>, text: impl Into<String>) -> Self {
        Self { text: text.into(), href: href.into(), ..Self::default() }
    }

    /// A state.
    pub fn state(kind: &'static str, text: impl Into<String>) -> Self {
        Self { text: text.into(), kind, ..Self::default() }
    }
}

/// A form.
#[derive(Clone, Debug, Default)]
pub struct Form {
    /// Where it is sent.
    pub action: String,
    /// Whether it only asks: then it is sent by GET.
    pub asks: bool,
    /// What it does; empty for a button.
    pub title: String,
    /// Its fields.
    pub fields: Vec<Field>,
    /// The button.
    pub submit: String,
    /// Whether the button is the usual next thing to press.
    pub main: bool,
    /// Whether it sends itself when a field is moved.
    pub live: bool,
}

impl Form {
    /// A form of fields.
    pub fn new(
        action: impl Into<String>,
        title: impl Into<String>,
        submit: impl Into<String>,
        fields: Vec<Field>,
    ) -> Self {
        let (action, title, submit) = (action.into(), title.into(), submit.into());
        Self { action, title, submit, fields, main: true, ..Self::default() }
    }

    /// A button that does one thing.
    pub fn button(action: impl Into<String>, submit: impl Into<String>) -> Self {
        Self { action: action.into(), submit: submit.into(), main: true, ..Self::default() }
    }

    /// Whether it sends files.
    #[must_use]
    pub fn has_file(&self) -> bool {
        self.fields.iter().any(|f| f.kind == Kind::File)
    }
}

/// How a field is filled in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// A line.
    #[default]
    Text,
    /// A line that is not shown.
    Password,
    /// A code of the second factor.
    Code,
    /// Several lines.
    Area,
    /// A day.
    Date,
    /// A share in per cent, as a slider.
    Range,
    /// A number, decimals included.
    Number,
    /// A file.
    File,
    /// One of several.
    Select,
    /// Yes or no.
    Check,
    /// Sent as it is.
    Hidden,
}

/// A field.
#[derive(Clone, Debug, Default)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What goes in.
    pub label: String,
    /// How it is filled in.
    pub kind: Kind,
    /// What is in it.
    pub value: String,
    /// What helps.
    pub hint: String,
    /// Whether it may not be empty.
    pub required: bool,
    /// Values and words of a choice.
    pub options: Vec<(String, String)>,
    /// What the browser may fill in by itself.
    pub autocomplete: &'static str,
}

impl Field {
    /// A field that has to be filled in.
    pub fn new(kind: Kind, name: impl Into<String>, label: impl Into<String>) -> Self {
        let (name, label) = (name.into(), label.into());
        Self { name, label, kind, required: true, ..Self::default() }
    }

    /// What goes with the form unseen.
    pub fn hidden(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into(), kind: Kind::Hidden, ..Self::default() }
    }

    /// With what is in it.
    #[must_use]
    pub fn with(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    /// With a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// May be left empty.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    /// With its choices.
    #[must_use]
    pub fn of(mut self, options: Vec<(String, String)>) -> Self {
        self.options = options;
        self
    }

    /// What the browser calls the kind of line.
    #[must_use]
    pub const fn html_type(&self) -> &'static str {
        match self.kind {
            Kind::Password => "password",
            Kind::Date => "date",
            Kind::Range => "range",
            Kind::File => "file",
            Kind::Check => "checkbox",
            Kind::Hidden => "hidden",
            _ => "text",
        }
    }
}
