//! One synthetic district: subjects with their ids in every list, dirt included, and the truth.

use std::collections::BTreeMap;

use crate::domain::uscc;
use crate::rpc::pb;

use super::departments::{ALL, TRADES, Template};
use super::random::Random;

/// Code of the district: no real division has it.
pub const DISTRICT: &str = "999901";
/// Code of the district next door.
pub const NEIGHBOUR: &str = "999902";

/// How large the district is.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Subjects.
    pub subjects: usize,
    /// Departments.
    pub departments: usize,
    /// Inspectors.
    pub inspectors: usize,
}

/// A department with its lists.
pub struct Department {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Share of its registry drawn, in basis points.
    pub share: i64,
    /// Item list.
    pub items: Vec<pb::CheckItem>,
    /// Subject rows, as its system would send them.
    pub subjects: Vec<pb::SubjectEntry>,
    /// Inspectors.
    pub inspectors: Vec<pb::Inspector>,
    /// Recusals.
    pub recusals: Vec<pb::Recusal>,
    /// Inspections of this year.
    pub inspections: Vec<pb::InspectionRecord>,
}

/// A district.
pub struct District {
    /// Its departments.
    pub departments: Vec<Department>,
}

struct Subject {
    code: String,
    name: String,
    address: String,
    kind: pb::SubjectKind,
    state: pb::SubjectState,
    risk: pb::RiskClass,
    tag: &'static str,
    under: Vec<&'static str>,
}

/// Makes a district from a seed; `year` dates its facts.
#[must_use]
pub fn make(seed: u64, shape: Shape, year: i16) -> District {
    let mut random = Random::new(seed);
    let templates = &ALL[..shape.departments.min(ALL.len())];
    let subjects: Vec<Subject> =
        (0..shape.subjects).map(|i| subject(&mut random, i, templates)).collect();
    let mut lists: BTreeMap<&str, Vec<pb::SubjectEntry>> = BTreeMap::new();
    for subject in &subjects {
        for department in &subject.under {
            let row = row(&mut random, subject, department, year);
            let list = lists.entry(department).or_default();
            list.push(row.clone());
            // Lists repeat rows: 1 % of them, as measured.
            if *department != "market" && random.chance(10) {
                list.push(row);
            }
        }
    }
    let total: usize = templates.iter().map(|t| t.inspectors).sum();
    let departments = templates
        .iter()
        .map(|t| {
            let people = (t.inspectors * shape.inspectors).div_ceil(total).max(2);
            let subjects = lists.remove(t.id).unwrap_or_default();
            department(&mut random, t, people, subjects, year)
        })
        .collect();
    District { departments }
}

fn subject(random: &mut Random, i: usize, templates: &[Template]) -> Subject {
    let trade = &TRADES[random.weighted(TRADES.iter().map(|t| t.weight))];
    let kinds = [
        (660, pb::SubjectKind::IndividualBusiness, '2', "经营部"),
        (320, pb::SubjectKind::Enterprise, '1', "有限公司"),
        (20, pb::SubjectKind::FarmersCooperative, '3', "专业合作社"),
    ];
    let (_, kind, category, form) = kinds[random.weighted(kinds.iter().map(|k| k.0))];
    let mut under = vec!["market"];
    let everybody = [("tax", 400), ("labour", 250), ("statistics", 60)];
    for (department, mille) in trade.under.iter().chain(&everybody) {
        let exists = templates.iter().any(|t| t.id == *department);
        if exists && random.chance(*mille) && !under.contains(department) {
            under.push(department);
        }
    }
    let risks = [
        (300, pb::RiskClass::A),
        (500, pb::RiskClass::B),
        (150, pb::RiskClass::C),
        (50, pb::RiskClass::D),
    ];
    let states = [
        (975, pb::SubjectState::Operating),
        (15, pb::SubjectState::Deregistered),
        (6, pb::SubjectState::Revoked),
        (4, pb::SubjectState::MovedOut),
    ];
    const FIRST: [&str; 16] = [
        "安", "宏", "瑞", "祥", "德", "永", "金", "新", "华", "盛", "嘉", "源", "泰", "恒", "明",
        "和",
    ];
    const TOWNS: [&str; 8] = ["东湖", "西岭", "南桥", "北苑", "中山", "青石", "柳林", "河口"];
    let name = format!(
        "示范区{}{}{:05}{}{form}",
        random.pick(&FIRST),
        random.pick(&FIRST),
        i + 1,
        random.pick(trade.words)
    );
    Subject {
        code: code(random, category, i),
        name,
        address: format!("示范区{}街道{}号", random.pick(&TOWNS), random.below(900) + 1),
        kind,
        state: states[random.weighted(states.iter().map(|s| s.0))].1,
        risk: risks[random.weighted(risks.iter().map(|r| r.0))].1,
        tag: trade.tag,
        under,
    }
}

/// A code with both check characters right; 12 % carry a division that is not the district's.
fn code(random: &mut Random, category: char, i: usize) -> String {
    let division = if random.chance(120) { "999999" } else { DISTRICT };
    let body = if random.chance(250) {
        format!("MA{:06}", i % 1_000_000)
    } else {
        format!("{:08}", 10_000_000 + i)
    };
    let check = uscc::org_check_character(body.as_bytes()).unwrap_or('0');
    let head = format!("9{category}{division}{body}{check}");
    let last = uscc::check_character(head.as_bytes()).unwrap_or('0');
    format!("{head}{last}")
}

/// A subject as one department writes it: with the dirt that was measured in real lists.
fn row(random: &mut Random, s: &Subject, department: &str, year: i16) -> pb::SubjectEntry {
    let market = department == "market";
    let mut id = s.code.clone();
    if !market {
        let dirt = random.below(10_000);
        id = match dirt {
            // A tax office's old number: region and organisation code.
            0..200 if department == "tax" => {
                format!("{DISTRICT}{}", uscc::org_code(&id).unwrap_or(""))
            }
            200..220 => id.to_lowercase(),
            220..240 => id.chars().map(wide).collect(),
            240..260 => format!("{}\u{200b}{}", &id[..8], &id[8..]),
            260..280 => format!("{id}(01)"),
            280..283 => format!("{}{}", &id[..17], if id.ends_with('0') { '1' } else { '0' }),
            283..286 => "-".to_owned(),
            _ => id,
        };
    }
    let renamed = !market && random.chance(20);
    let name = if renamed { s.name.replace("示范区", "示范区原") } else { s.name.clone() };
    let risk = if market { s.risk } else { pb::RiskClass::Unspecified };
    let state = if market { s.state } else { pb::SubjectState::Operating };
    pb::SubjectEntry {
        subject_id: id,
        premises: String::new(),
        name,
        kind: s.kind.into(),
        state: state.into(),
        risk_class: risk.into(),
        risk_on: if market { format!("{year}-01-15") } else { String::new() },
        risk_source: if market {
            "市场监管信用风险分类".to_owned()
        } else {
            String::new()
        },
        district: DISTRICT.to_owned(),
        address: s.address.clone(),
        other_ids: Vec::new(),
        items: Vec::new(),
        tags: vec![s.tag.to_owned()],
        mends: Vec::new(),
    }
}

fn wide(c: char) -> char {
    char::from_u32(u32::from(c) + 0xfee0).unwrap_or(c)
}

fn department(
    random: &mut Random,
    t: &Template,
    people: usize,
    subjects: Vec<pb::SubjectEntry>,
    year: i16,
) -> Department {
    let inspectors: Vec<pb::Inspector> =
        (0..people).map(|i| inspector(random, t, i, year)).collect();
    let mut recusals = Vec::new();
    for person in &inspectors {
        if random.chance(5) && !subjects.is_empty() {
            for _ in 0..5 {
                recusals.push(pb::Recusal {
                    inspector_id: person.inspector_id.clone(),
                    subject_id: random.pick(&subjects).subject_id.clone(),
                    reason: "近亲属在该单位任职".to_owned(),
                });
            }
        }
    }
    recusals.retain(|r| crate::matching::read_id(&r.subject_id).is_ok());
    let inspections = inspections(random, t, &subjects, year);
    Department {
        id: t.id.to_owned(),
        name: t.name.to_owned(),
        share: t.share,
        items: items(t),
        subjects,
        inspectors,
        recusals,
        inspections,
    }
}

/// Random inspections made earlier this year, as the department's own system knows them.
fn inspections(
    random: &mut Random,
    t: &Template,
    subjects: &[pb::SubjectEntry],
    year: i16,
) -> Vec<pb::InspectionRecord> {
    use pb::inspection_record::Level;
    let mut out = Vec::new();
    for subject in subjects {
        // One row in twelve was looked at before: enough for the cap and the six months to bite.
        if !random.chance(80) || crate::matching::read_id(&subject.subject_id).is_err() {
            continue;
        }
        let level = if random.chance(300) { Level::Superior } else { Level::Own };
        out.push(pb::InspectionRecord {
            subject_id: subject.subject_id.clone(),
            on: format!("{year}-{:02}-{:02}", random.below(9) + 1, random.below(28) + 1),
            origin: pb::InspectionOrigin::Random.into(),
            level: level.into(),
            clean: random.chance(800),
            items: Vec::new(),
            body: t.name.to_owned(),
        });
    }
    out
}

fn inspector(random: &mut Random, t: &Template, i: usize, year: i16) -> pb::Inspector {
    let expired = random.chance(20);
    let until = if expired { year - 1 } else { year + 3 };
    let qualified = !t.qualification.is_empty() && (i == 0 || random.chance(350));
    pb::Inspector {
        inspector_id: format!("INS-{}-{:03}", t.id, i + 1),
        kind: pb::InspectorKind::Inspector.into(),
        certificate_number: format!("ZF{:08}", random.below(100_000_000)),
        certificate_valid_until: format!("{until}-12-31"),
        tags: if qualified { vec![t.qualification.to_owned()] } else { Vec::new() },
        may_lead: i.is_multiple_of(3),
        cap: 0,
        away: Vec::new(),
        active: !random.chance(30),
    }
}

fn items(t: &Template) -> Vec<pb::CheckItem> {
    let last = t.items.len();
    let item = |(i, name): (usize, &&str)| pb::CheckItem {
        code: format!("{}-{:02}", t.id.to_uppercase(), i + 1),
        name: (*name).to_owned(),
        basis: t.basis.to_owned(),
        body: t.name.to_owned(),
        object: "辖区内经营主体".to_owned(),
        content: format!("{name}的全部内容"),
        methods: vec![pb::Method::OnSite.into()],
        standard: "按法定标准逐项核查".to_owned(),
        operating_steps: Vec::new(),
        operating_rule: "出示证件、告知权利、逐项检查、当场记录、双方签字".to_owned(),
        ratio: Some(pb::RatioRule { min_basis_points: Some(t.share), ..Default::default() }),
        frequency: Some(pb::FrequencyRule { times: 2, window_months: 12, deferred: String::new() }),
        item_class: pb::ItemClass::General.into(),
        competence: if i + 1 == last { t.qualification.to_owned() } else { String::new() },
        expert: String::new(),
        joint: true,
        external_code: String::new(),
        power: String::new(),
    };
    t.items.iter().enumerate().map(item).collect()
}
