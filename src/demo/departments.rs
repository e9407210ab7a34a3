//! The departments of the district, their usual items, and which trades fall under them.

/// A department of the demo.
pub struct Template {
    /// Id.
    pub id: &'static str,
    /// Name.
    pub name: &'static str,
    /// Inspectors of 300.
    pub inspectors: usize,
    /// Share of its registry drawn, in basis points.
    pub share: i64,
    /// Item names; the last one needs a qualification when `qualified`.
    pub items: &'static [&'static str],
    /// Law that its items rest on.
    pub basis: &'static str,
    /// Qualification that its last item needs; empty for none.
    pub qualification: &'static str,
}

const fn of(
    id: &'static str,
    name: &'static str,
    inspectors: usize,
    share: i64,
    basis: &'static str,
    qualification: &'static str,
    items: &'static [&'static str],
) -> Template {
    Template { id, name, inspectors, share, items, basis, qualification }
}

/// All departments, in the order in which `--departments` takes them.
pub const ALL: [Template; 25] = [
    of(
        "market",
        "市场监督管理局",
        90,
        500,
        "《企业信息公示暂行条例》",
        "",
        &["登记事项检查", "公示信息检查", "价格行为检查", "广告行为检查"],
    ),
    of(
        "fire",
        "消防救援大队",
        15,
        500,
        "《中华人民共和国消防法》",
        "",
        &["单位履行消防安全职责情况检查", "公众聚集场所消防安全检查"],
    ),
    of(
        "emergency",
        "应急管理局",
        10,
        500,
        "《中华人民共和国安全生产法》",
        "危险化学品",
        &["工贸企业安全生产检查", "危险化学品经营单位安全检查"],
    ),
    of(
        "ecology",
        "生态环境分局",
        8,
        500,
        "《中华人民共和国环境保护法》",
        "",
        &["排污许可执行情况检查", "固体废物污染防治检查"],
    ),
    of(
        "health",
        "卫生健康局",
        14,
        500,
        "《公共场所卫生管理条例》",
        "",
        &["公共场所卫生检查", "医疗机构执业检查", "生活饮用水卫生检查"],
    ),
    of(
        "urban",
        "城市管理综合执法局",
        40,
        500,
        "《城市市容和环境卫生管理条例》",
        "",
        &["户外广告设施检查", "餐厨垃圾处置检查"],
    ),
    of(
        "housing",
        "住房和城乡建设局",
        8,
        500,
        "《中华人民共和国建筑法》",
        "",
        &["建筑施工企业检查", "房地产经纪机构检查", "物业服务企业检查"],
    ),
    of(
        "agriculture",
        "农业农村局",
        16,
        500,
        "《中华人民共和国农产品质量安全法》",
        "",
        &["农药经营检查", "种子生产经营检查", "兽药经营检查"],
    ),
    of(
        "culture",
        "文化广电和旅游局",
        10,
        500,
        "《娱乐场所管理条例》",
        "",
        &["娱乐场所经营检查", "互联网上网服务营业场所检查", "旅行社经营检查"],
    ),
    of(
        "transport",
        "交通运输局",
        18,
        500,
        "《中华人民共和国道路运输条例》",
        "",
        &["道路货物运输经营检查", "机动车维修经营检查"],
    ),
    of(
        "police",
        "公安分局",
        25,
        500,
        "《旅馆业治安管理办法》",
        "",
        &["旅馆业治安检查", "印章业治安检查", "危险物品从业单位检查"],
    ),
    of(
        "labour",
        "人力资源和社会保障局",
        8,
        200,
        "《劳动保障监察条例》",
        "",
        &["劳动用工检查", "劳务派遣经营检查"],
    ),
    of("tax", "税务局", 10, 200, "《中华人民共和国税收征收管理法》", "", &["涉税事项检查"]),
    of(
        "commerce",
        "商务局",
        3,
        500,
        "《单用途商业预付卡管理办法》",
        "",
        &["单用途商业预付卡备案检查", "成品油零售经营检查"],
    ),
    of(
        "education",
        "教育局",
        3,
        500,
        "《中华人民共和国民办教育促进法》",
        "",
        &["校外培训机构办学检查"],
    ),
    of(
        "natural-resources",
        "自然资源分局",
        3,
        500,
        "《中华人民共和国测绘法》",
        "",
        &["测绘资质检查"],
    ),
    of("water", "水务局", 3, 500, "《取水许可和水资源费征收管理条例》", "", &["取水许可检查"]),
    of(
        "forestry",
        "林业和草原局",
        2,
        500,
        "《中华人民共和国种子法》",
        "",
        &["林木种子生产经营检查"],
    ),
    of("grain", "粮食和物资储备局", 2, 500, "《粮食流通管理条例》", "", &["粮食收购检查"]),
    of("sport", "体育局", 2, 500, "《全民健身条例》", "", &["高危险性体育项目经营检查"]),
    of("tobacco", "烟草专卖局", 2, 500, "《中华人民共和国烟草专卖法》", "", &["烟草制品零售检查"]),
    of("post", "邮政管理局", 2, 500, "《快递暂行条例》", "", &["快递经营检查"]),
    of(
        "finance",
        "地方金融管理局",
        2,
        1_000,
        "《防范和处置非法集资条例》",
        "",
        &["小额贷款公司检查", "典当行检查"],
    ),
    of("civil", "民政局", 2, 1_000, "《养老机构管理办法》", "", &["养老机构检查"]),
    of("statistics", "统计局", 2, 200, "《中华人民共和国统计法》", "", &["统计数据质量检查"]),
];

/// A trade: its share, its words, and how often, in per mille, it falls under each department.
pub struct Trade {
    /// Share, in per mille.
    pub weight: u64,
    /// Words of its names.
    pub words: &'static [&'static str],
    /// Tag of its subjects.
    pub tag: &'static str,
    /// (department, per mille).
    pub under: &'static [(&'static str, u64)],
}

const fn trade(
    weight: u64,
    tag: &'static str,
    words: &'static [&'static str],
    under: &'static [(&'static str, u64)],
) -> Trade {
    Trade { weight, words, tag, under }
}

/// Licences come in bundles by trade; that is why lists overlap as they do.
pub const TRADES: [Trade; 14] = [
    trade(
        210,
        "零售",
        &["百货", "商贸", "便利店", "日用品"],
        &[("urban", 150), ("tobacco", 160), ("commerce", 40), ("fire", 60)],
    ),
    trade(
        150,
        "餐饮",
        &["餐饮", "饭店", "小吃", "火锅"],
        &[("health", 420), ("urban", 480), ("fire", 260), ("tobacco", 90)],
    ),
    trade(
        90,
        "食品",
        &["食品", "粮油", "副食"],
        &[("grain", 260), ("agriculture", 200), ("health", 180), ("ecology", 80)],
    ),
    trade(
        80,
        "建筑",
        &["建筑工程", "装饰", "建材", "房地产经纪"],
        &[("housing", 620), ("emergency", 240), ("ecology", 180), ("natural-resources", 60)],
    ),
    trade(
        75,
        "制造",
        &["机械", "电气", "金属制品", "包装"],
        &[("ecology", 560), ("emergency", 420), ("water", 60), ("fire", 90)],
    ),
    trade(
        60,
        "农业",
        &["农资", "种业", "养殖", "种植"],
        &[("agriculture", 700), ("forestry", 260), ("water", 80), ("ecology", 160)],
    ),
    trade(
        60,
        "运输",
        &["物流", "汽车维修", "客运", "快递"],
        &[("transport", 620), ("post", 110), ("emergency", 140), ("ecology", 120)],
    ),
    trade(
        55,
        "文旅",
        &["酒店", "网吧", "歌舞娱乐", "旅行社"],
        &[("culture", 560), ("police", 460), ("fire", 520), ("health", 480)],
    ),
    trade(
        45,
        "医药",
        &["药房", "医疗器械", "诊所"],
        &[("health", 520), ("ecology", 140), ("fire", 60)],
    ),
    trade(
        40,
        "教育",
        &["培训", "幼儿园", "教育咨询"],
        &[("education", 620), ("fire", 300), ("health", 220), ("sport", 90)],
    ),
    trade(
        35,
        "化工",
        &["化工", "燃气", "加油站", "油漆"],
        &[("emergency", 880), ("ecology", 760), ("fire", 540), ("police", 260), ("commerce", 220)],
    ),
    trade(
        30,
        "健身养老",
        &["健身", "游泳馆", "养老服务"],
        &[("sport", 560), ("civil", 240), ("health", 420), ("fire", 340)],
    ),
    trade(20, "金融", &["小额贷款", "典当", "融资担保"], &[("finance", 780), ("police", 120)]),
    trade(
        50,
        "服务",
        &["信息咨询", "广告", "家政", "人力资源"],
        &[("labour", 200), ("culture", 60), ("urban", 60)],
    ),
];
