// Every word that a person reads on these pages. Chinese first.

export const LANGUAGES = ["zh", "en"];

const zh = {
  title: "抽查结果核验",
  what: "本页在您的浏览器里重新计算一次抽取，不向任何服务器发送文件；打开后断网也能用。",
  choose: "选择抽取文件（bundle.json）或证书文件（certificate.json），也可拖到此处",
  key: "日志公钥（可选，从别处得到时填入，以便核对）",
  other: "English",
  steps: "核验步骤",
  holds: "通过",
  fails: "不通过",
  working: "正在核验……",
  verified: "核验通过",
  voided: "计算无误，但本次结果已被宣布作废",
  wrong: "核验不通过",
  beacon: "公共随机信标的签名未在浏览器中核验，请用 onevisit verify 核验这一步。",
  ownKey: "日志公钥取自文件本身。如从别处得到公钥，请填入后再核验一次。",
  figures: {
    drawId: "抽取编号", attempt: "第几次", units: "抽查对象", checks: "检查户次", doors: "入户",
    shortages: "空缺人数", changed: "抽取后的变更",
  },
  ended: (e) => `第 ${e.attempt} 次已终止（${e.kind === "VOID" ? "作废" : "中止"}）：${e.reason}；提出：${e.requested_by}；批准：${e.approved_by}`,
  witness: (name, time) => `见证方 ${name} 于 ${time} 签名`,
  V: {
    bundle: "文件是规范的抽取文件", freeze: "冻结声明完整、规范", units: "公布的对象就是冻结的对象",
    inspectors: "公布的人员就是冻结的人员", pairs: "回避与同组名单就是冻结的名单",
    quotas: "各部门抽取数按规则算出", reveals: "各单位公开的数与其承诺相符",
    seed: "种子由冻结声明和各数算出", winners: "各部门抽中的正是签号最小的对象",
    visits: "入户与人员由抽取结果算出", result: "结果根值涵盖全部结果",
    beacon: "公共随机轮次在其产生前已按规则确定",
  },
  L: {
    format: "文件是规范的证书", checkpoint: "检查点有签名、有见证，且属同一历史",
    entries: "每一事件都在日志中", freeze: "名单在任何单位承诺之前已签入日志",
    numbers: "各单位的承诺与公开的数，与日志一致", outcome: "结果与日志一致，且只有一个",
    attempts: "此前每次抽取及其终止都在册", time: "见证时间不早于所见证的事件",
    changes: "抽取后的变更由另一人批准，递补按顺序",
    supplements: "每次补充抽取都在内，绑定本次抽取，并使用新的随机数",
  },
};

const en = {
  title: "Check a draw",
  what: "This page computes a draw again in your browser. It sends nothing to any server and works offline once it is open.",
  choose: "Choose a draw's file (bundle.json) or certificate (certificate.json), or drop it here",
  key: "The log's key (optional; fill it in when you have it from elsewhere)",
  other: "中文",
  steps: "Steps",
  holds: "holds",
  fails: "does not hold",
  working: "Checking…",
  verified: "Verified",
  voided: "It computes, but this outcome was declared void",
  wrong: "Not verified",
  beacon: "The signature behind the public beacon is not checked in a browser; `onevisit verify` checks it.",
  ownKey: "The log's key is taken from the file. If you have it from elsewhere, fill it in and check again.",
  figures: {
    drawId: "Draw", attempt: "Attempt", units: "Units", checks: "Checks", doors: "Doors",
    shortages: "Empty slots", changed: "Changes after the draw",
  },
  ended: (e) => `Attempt ${e.attempt} ended (${e.kind}): ${e.reason}; asked by ${e.requested_by}, approved by ${e.approved_by}`,
  witness: (name, time) => `Witness ${name} signed at ${time}`,
  V: {
    bundle: "The file is a canonical bundle", freeze: "The freeze statement is complete and canonical",
    units: "The published units are the frozen ones", inspectors: "The published inspectors are the frozen ones",
    pairs: "The avoidances and keeps are the frozen ones", quotas: "Every quota follows from its rule",
    reveals: "Every revealed number opens its commitment", seed: "The seed follows from the freeze and the numbers",
    winners: "Each department drew the smallest lots", visits: "Visits and teams follow from the draw",
    result: "The result root binds winners and visits", beacon: "A beacon, if any, is the round fixed before it existed",
  },
  L: {
    format: "The file is a canonical certificate", checkpoint: "The checkpoints are signed, cosigned and of one history",
    entries: "Every event stands in the log", freeze: "The list was signed before any office committed",
    numbers: "The offices' numbers are the logged ones, in order", outcome: "The outcome is the logged one, and there is no other",
    attempts: "Every attempt before is named with its end", time: "No witness signed before the events it covers",
    changes: "Every later change was approved by another, substitutes in their order",
    supplements: "Every supplementary draw is here, bound to this one, and fresh",
  },
};

export const MESSAGES = { en, zh };

/** The page for visit codes. */
export const VISIT = {
  en: {
    title: "Check a visit code",
    what: "Ask whoever comes to your door for the visit code, scan it, and paste its text here. It is checked in this browser; nothing is sent.",
    code: "Text of the code",
    recusal: "Ask that a person of the team stays away",
    other: "中文",
    good: "Genuine, and today is one of its days",
    otherDay: "Genuine, but not for today",
    bad: "Not genuine: nobody has to be let in on this code",
    campaign: "Campaign and visit",
    days: "Days",
    section: (people, items) => `${people} may check ${items}`,
  },
  zh: {
    title: "入户码核验",
    what: "请上门人员出示入户码，扫码后把文字粘贴到下面。核验在本浏览器内完成，不发送任何内容。",
    code: "入户码文字",
    recusal: "申请检查人员回避",
    other: "English",
    good: "入户码真实，今天在检查日期内",
    otherDay: "入户码真实，但今天不在检查日期内",
    bad: "入户码不真实，可以拒绝入户",
    campaign: "抽查任务与户次",
    days: "检查日期",
    section: (people, items) => `检查人员 ${people}；检查事项 ${items}`,
  },
};
