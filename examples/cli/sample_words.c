/*
 * sample_words.c - the words the sample company is made of, English and Chinese side by side.
 *
 * Firms and people are invented by combining these; a likeness to real ones is chance. Coordinates are those of the
 * city centres.
 */
#include "sample.h"

#define CHINA { "China", "中国" }

const sample_city sample_cities[SAMPLE_NCITY] = {
    { { "Shanghai", "上海" }, { "Shanghai", "上海市" }, CHINA, "021", 31230400, 121473700, 0, 0 },
    { { "Suzhou", "苏州" }, { "Jiangsu", "江苏省" }, CHINA, "0512", 31298900, 120585300, 0, 0 },
    { { "Hangzhou", "杭州" }, { "Zhejiang", "浙江省" }, CHINA, "0571", 30274100, 120155100, 0, 0 },
    { { "Ningbo", "宁波" }, { "Zhejiang", "浙江省" }, CHINA, "0574", 29868300, 121544000, 0, 0 },
    { { "Beijing", "北京" }, { "Beijing", "北京市" }, CHINA, "010", 39904200, 116407400, 0, 1 },
    { { "Tianjin", "天津" }, { "Tianjin", "天津市" }, CHINA, "022", 39084200, 117200900, 0, 1 },
    { { "Shenzhen", "深圳" }, { "Guangdong", "广东省" }, CHINA, "0755", 22543100, 114057900, 0, 2 },
    { { "Guangzhou", "广州" }, { "Guangdong", "广东省" }, CHINA, "020", 23129100, 113264400, 0, 2 },
    { { "Chengdu", "成都" }, { "Sichuan", "四川省" }, CHINA, "028", 30572800, 104066800, 0, 2 },
    { { "Hamburg", "汉堡" }, { "Hamburg", "汉堡州" }, { "Germany", "德国" }, "+49 40", 53551100, 9993700, 1, 3 },
    { { "Rotterdam", "鹿特丹" }, { "South Holland", "南荷兰省" }, { "Netherlands", "荷兰" },
      "+31 10", 51924400, 4477700, 1, 3 },
    { { "Milan", "米兰" }, { "Lombardy", "伦巴第大区" }, { "Italy", "意大利" },
      "+39 02", 45464200, 9190000, 1, 3 },
    { { "Lyon", "里昂" }, { "Auvergne-Rhone-Alpes", "奥弗涅-罗讷-阿尔卑斯大区" },
      { "France", "法国" }, "+33 4", 45764000, 4835700, 1, 3 }
};
const char *const sample_form_eu[SAMPLE_NCITY] = {
    "", "", "", "", "", "", "", "", "", "GmbH", "B.V.", "S.r.l.", "S.A.S."
};

const sample_word sample_territory[4] = {
    { "East China", "华东区" }, { "North China", "华北区" }, { "South and West China", "华南西南区" },
    { "Europe", "欧洲区" }
};

const sample_trade sample_trades[SAMPLE_NINDUSTRY] = {
    { { "Machine tools", "机床" }, { "Machine Tools", "机床" } },
    { { "Food and beverages", "食品饮料" }, { "Foods", "食品" } },
    { { "Automotive parts", "汽车零部件" }, { "Auto Parts", "汽车零部件" } },
    { { "Water treatment", "水处理" }, { "Water Technology", "水务科技" } },
    { { "Chemicals", "化工" }, { "Chemicals", "化工" } },
    { { "Paper and packaging", "造纸包装" }, { "Packaging", "包装" } },
    { { "Wind power", "风电" }, { "Wind Power", "风电设备" } },
    { { "Textile machines", "纺织机械" }, { "Textile Machines", "纺机" } },
    { { "Shipbuilding", "船舶制造" }, { "Marine", "船舶" } },
    { { "Logistics systems", "物流设备" }, { "Conveyors", "输送设备" } }
};

const sample_word sample_category[8] = {
    { "Bearings", "轴承" }, { "Seals", "密封件" }, { "Pumps", "泵" }, { "Valves", "阀门" },
    { "Gear drives", "减速机" }, { "Couplings", "联轴器" }, { "Sensors", "传感器" },
    { "Lubricants", "润滑剂" }
};
const sample_ware sample_wares[8] = {                   /* price of the smallest variant */
    { { "Bearing", "轴承" }, 8600, 62 }, { { "Shaft seal", "轴封" }, 1850, 55 },
    { { "Centrifugal pump", "离心泵" }, 286000, 68 }, { { "Ball valve", "球阀" }, 24800, 60 },
    { { "Gear drive", "减速机" }, 198000, 71 }, { { "Coupling", "联轴器" }, 32600, 58 },
    { { "Vibration sensor", "振动传感器" }, 76000, 52 }, { { "Grease 15 kg", "润滑脂15公斤" }, 41500, 66 }
};
const sample_word sample_variant[5] = {
    { "S", "小型" }, { "M", "中型" }, { "L", "大型" }, { "XL", "特大型" }, { "X-Pro", "专业型" }
};

const sample_word sample_brand_cn[48] = {
    { "Lida", "力达" }, { "Hengtong", "恒通" }, { "Xinyuan", "鑫源" }, { "Huatai", "华泰" },
    { "Dongfang", "东方" }, { "Jinfeng", "金丰" }, { "Ruixiang", "瑞祥" }, { "Tianhe", "天和" },
    { "Kaisheng", "凯盛" }, { "Boyuan", "博远" }, { "Zhongli", "中力" }, { "Haichang", "海昌" },
    { "Yongxing", "永兴" }, { "Minghui", "明辉" }, { "Guangda", "光大" }, { "Shunfa", "顺发" },
    { "Wanjia", "万嘉" }, { "Lianhe", "联合" }, { "Qihang", "启航" }, { "Deli", "德力" },
    { "Anshun", "安顺" }, { "Fuhua", "富华" }, { "Jiahe", "嘉禾" }, { "Longteng", "龙腾" },
    { "Xingye", "兴业" }, { "Baoli", "宝利" }, { "Changhong", "长虹" }, { "Yida", "义达" },
    { "Hongyun", "鸿运" }, { "Taishan", "泰山" }, { "Nanfang", "南方" }, { "Beichen", "北辰" },
    { "Zhengda", "正大" }, { "Weiye", "伟业" }, { "Jingcheng", "精诚" }, { "Siwei", "四维" },
    { "Haotian", "昊天" }, { "Jinlong", "金龙" }, { "Pengcheng", "鹏程" }, { "Sanhe", "三和" },
    { "Guoxin", "国信" }, { "Yuhang", "宇航" }, { "Linghang", "领航" }, { "Chuangxin", "创新" },
    { "Kangda", "康达" }, { "Shengshi", "盛世" }, { "Ronghua", "荣华" }, { "Dinghui", "鼎辉" }
};
const sample_word sample_brand_eu[36] = {
    { "Nordmann", "诺德曼" }, { "Brandt", "勃兰特" }, { "Elbe", "易北" }, { "Kessler", "凯斯勒" },
    { "Vossberg", "福斯贝格" }, { "Hansen", "汉森" }, { "Veldhuis", "费尔德" }, { "De Groot", "德赫罗特" },
    { "Maas", "马斯" }, { "Rijnland", "莱茵兰" }, { "Oosterdam", "奥斯特丹" }, { "Delta", "三角洲" },
    { "Bellini", "贝利尼" }, { "Lombarda", "隆巴达" }, { "Ferrante", "费兰特" }, { "Moretti", "莫雷蒂" },
    { "Ticino", "提契诺" }, { "Rosso", "罗索" }, { "Rhodan", "罗丹" }, { "Laurent", "洛朗" },
    { "Saone", "索恩" }, { "Mercier", "梅西耶" }, { "Alpina", "阿尔皮纳" }, { "Dufour", "迪富尔" },
    { "Aurora", "奥罗拉" }, { "Borealis", "北光" }, { "Castor", "卡斯托" }, { "Dorado", "多拉多" },
    { "Europa", "欧罗巴" }, { "Fortis", "福蒂斯" }, { "Globus", "格洛布" }, { "Helios", "赫利俄斯" },
    { "Icarus", "伊卡鲁斯" }, { "Juno", "朱诺" }, { "Kronos", "克罗诺斯" }, { "Lyra", "莱拉" }
};
const sample_word sample_street_cn[12] = {
    { "Renmin Road", "人民路" }, { "Jianshe Road", "建设路" }, { "Gongye Avenue", "工业大道" },
    { "Keji Road", "科技路" }, { "Zhongshan Road", "中山路" }, { "Jiefang Road", "解放路" },
    { "Chuangye Road", "创业路" }, { "Binhe Road", "滨河路" }, { "Xinhua Road", "新华路" },
    { "Heping Road", "和平路" }, { "Dongfeng Road", "东风路" }, { "Kaifa Avenue", "开发大道" }
};
const sample_word sample_street_eu[12] = {
    { "Harbour Street", "港口街" }, { "Mill Lane", "磨坊巷" }, { "Station Road", "车站路" },
    { "Canal Street", "运河街" }, { "Industry Park", "工业园" }, { "Bridge Street", "桥街" },
    { "Garden Road", "花园路" }, { "Church Street", "教堂街" }, { "Foundry Lane", "铸造巷" },
    { "Quay", "码头" }, { "Market Street", "市场街" }, { "River Road", "河滨路" }
};
const sample_word sample_family_cn[24] = {
    { "Wang", "王" }, { "Li", "李" }, { "Zhang", "张" }, { "Liu", "刘" }, { "Chen", "陈" }, { "Yang", "杨" },
    { "Zhao", "赵" }, { "Huang", "黄" }, { "Zhou", "周" }, { "Wu", "吴" }, { "Xu", "徐" }, { "Sun", "孙" },
    { "Hu", "胡" }, { "Zhu", "朱" }, { "Gao", "高" }, { "Lin", "林" }, { "He", "何" }, { "Guo", "郭" },
    { "Ma", "马" }, { "Luo", "罗" }, { "Liang", "梁" }, { "Song", "宋" }, { "Zheng", "郑" }, { "Xie", "谢" }
};
const sample_word sample_given_cn[32] = {               /* women at even places, men at odd ones */
    { "Fang", "芳" }, { "Wei", "伟" }, { "Na", "娜" }, { "Qiang", "强" }, { "Min", "敏" }, { "Lei", "磊" },
    { "Jing", "静" }, { "Jun", "军" }, { "Li", "丽" }, { "Yong", "勇" }, { "Yan", "艳" }, { "Jie", "杰" },
    { "Juan", "娟" }, { "Tao", "涛" }, { "Xia", "霞" }, { "Ming", "明" }, { "Xiuying", "秀英" },
    { "Zhiqiang", "志强" }, { "Guiying", "桂英" }, { "Jianguo", "建国" }, { "Yulan", "玉兰" },
    { "Haifeng", "海峰" }, { "Xuemei", "雪梅" }, { "Wenbin", "文斌" }, { "Ting", "婷" }, { "Peng", "鹏" },
    { "Xue", "雪" }, { "Fei", "飞" }, { "Hong", "红" }, { "Bin", "斌" }, { "Ying", "英" }, { "Hao", "浩" }
};
const sample_word sample_family_eu[24] = {
    { "Keller", "凯勒" }, { "Fischer", "菲舍尔" }, { "Weber", "韦伯" }, { "Lorenz", "洛伦茨" },
    { "Vogel", "福格尔" }, { "Jansen", "扬森" }, { "Bakker", "巴克" }, { "Visser", "维瑟" },
    { "Smit", "斯密特" }, { "Mulder", "米尔德" }, { "Rossi", "罗西" }, { "Bianchi", "比安基" },
    { "Conti", "孔蒂" }, { "Ricci", "里奇" }, { "Marino", "马里诺" }, { "Martin", "马丁" },
    { "Bernard", "贝尔纳" }, { "Moreau", "莫罗" }, { "Girard", "吉拉尔" }, { "Roux", "鲁" },
    { "Novak", "诺瓦克" }, { "Costa", "科斯塔" }, { "Lindgren", "林格伦" }, { "Larsen", "拉森" }
};
const sample_word sample_given_eu[24] = {
    { "Anna", "安娜" }, { "Jan", "扬" }, { "Julia", "尤利娅" }, { "Peter", "彼得" }, { "Sofia", "索菲娅" },
    { "Marco", "马尔科" }, { "Claire", "克莱尔" }, { "Luc", "吕克" }, { "Eva", "埃娃" },
    { "Thomas", "托马斯" }, { "Laura", "劳拉" }, { "Pieter", "彼特" }, { "Elena", "埃莱娜" },
    { "Andrea", "安德烈亚" }, { "Marie", "玛丽" }, { "Hugo", "于戈" }, { "Ingrid", "英格丽德" },
    { "Karl", "卡尔" }, { "Lena", "莱娜" }, { "Bruno", "布鲁诺" }, { "Nora", "诺拉" }, { "Erik", "埃里克" },
    { "Greta", "格蕾塔" }, { "Paul", "保罗" }
};
const sample_word sample_points[10] = {
    { "Delivery times of the spring orders", "春季订单的交货期" },
    { "Price list of the new year", "新年度价格表" },
    { "Trial of the vibration sensors", "振动传感器试用" },
    { "Stock agreement for bearings", "轴承备货协议" },
    { "Complaint about leaking seals", "密封件泄漏投诉" },
    { "Extension of the second line", "二号生产线扩建" },
    { "Frame contract for two years", "两年期框架合同" },
    { "Training of the maintenance crew", "维修人员培训" }, { "Payment terms", "付款条件" },
    { "Energy savings with new pumps", "新型泵的节能效果" }
};
const sample_word sample_no_need[3] = {
    { "Out of business", "已停业" }, { "Makes these parts itself", "自产此类零件" },
    { "Bought by a competitor", "被竞争对手收购" }
};
