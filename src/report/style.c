/*
 * report/style.c - how the page looks: light and dark, wide and narrow, on screen and on A4.
 *
 * One style sheet and nothing inline: the page's content security policy names its SHA-256, and a browser applies
 * nothing else. Colours are those of Okabe and Ito (2008), which people with any colour vision tell apart; where one
 * carries meaning, a letter, a sign, dashes or hatching says the same.
 */
#include "report.h"

const char *const kam__report_style[] = {
    ":root{color-scheme:light dark;--bg:#f5f6f8;--card:#fff;--ink:#1b2430;--soft:#5a6675;--line:#dde2e8;"
    "--head:#10304f;--blue:#0072b2;--green:#00805c;--orange:#b35900;--red:#b3261e;--sky:#8cc4e8;--pale:#e6eff6;"
    "--pale3:#dff0ea;--g1:#0072b2;--g2:#00805c;--g3:#8a5a00;--g4:#a8478a;--g5:#4b5563;--g6:#b3261e;--gi:#fff;"
    "--band:#9aa7b5}\n",
    "@media screen and (prefers-color-scheme:dark){:root{--bg:#11161c;--card:#1a212a;--ink:#e6ebf1;--soft:#9fadbc;"
    "--line:#313b47;--head:#0c2238;--blue:#56b4e9;--green:#2fc39a;--orange:#f0a04b;--red:#ff8a7d;--sky:#2d6f99;"
    "--pale:#1f3447;--pale3:#1b3a32;--g1:#56b4e9;--g2:#2fc39a;--g3:#e9b949;--g4:#e08bc4;--g5:#aab4c0;--g6:#ff8a7d;"
    "--gi:#0d1218;--band:#66727f}}\n",
    "*{box-sizing:border-box}html{-webkit-text-size-adjust:100%}"
    "body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,\"Segoe UI\",Roboto,"
    "\"Helvetica Neue\",Arial,\"Noto Sans\",\"PingFang SC\",\"Microsoft YaHei\",\"Noto Sans CJK SC\","
    "\"WenQuanYi Micro Hei\",sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:break-word}"
    "h1,h3,.card,.day,.bad li{overflow-wrap:anywhere}\n",
    "header{background:var(--head);color:#fff}header>div,main,footer{max-width:1160px;margin:0 auto;padding:20px}"
    "h1{margin:0 0 4px;font-size:28px;line-height:1.2}header p{margin:2px 0;color:#c9d6e4;font-size:14px}"
    "nav{margin-top:12px;display:flex;flex-wrap:wrap;gap:6px}"
    "nav a{color:#fff;text-decoration:none;border:1px solid #4a6785;border-radius:14px;padding:1px 11px;"
    "font-size:13px}nav a:hover,nav a:focus{background:#2a4a6b}"
    "h2{font-size:20px;margin:34px 0 4px;scroll-margin-top:8px;line-height:1.3}"
    "h2+p.lead{margin:0 0 12px;color:var(--soft)}h3{font-size:16px;margin:22px 0 8px}"
    "h4{font-size:14px;margin:14px 0 6px;color:var(--soft)}p{margin:6px 0}\n",
    ".tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(185px,1fr));gap:10px;margin:4px 0 14px;"
    "padding:0}.tile{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:10px 14px;"
    "margin:0}.tile dt{font-size:13px;color:var(--soft)}.tile dd{margin:0}"
    ".tile .big{font-size:25px;font-weight:650;line-height:1.25}.tile .sub{font-size:12.5px;color:var(--soft)}"
    ".warn .big,.neg{color:var(--red)}.pos{color:var(--green)}\n",
    "#summary h2{margin-top:4px}.three{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,330px),"
    "1fr));gap:12px}@media(min-width:641px){.three .ax{font-size:12.5px}}"
    ".two{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));gap:12px}"
    ".fig,.box{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:12px 16px;margin:0}"
    ".fig figcaption b,.fig h3{display:block;font-size:15px;margin:0 0 2px}"
    ".fig figcaption{font-size:13.5px;color:var(--soft)}.fig figcaption b{color:var(--ink)}"
    ".fig ol{margin:4px 0 0;padding-left:20px;font-size:13.5px}\n",
    ".chart{display:block;width:100%;max-width:640px;height:auto;margin:8px 0 2px;font-family:inherit}"
    ".ax{font-size:10.5px;fill:var(--soft)}.lab{font-size:13px;font-weight:650;fill:var(--ink)}"
    ".lab .ax{font-weight:400}.e{text-anchor:end}.m{text-anchor:middle}.grid{stroke:var(--line);stroke-width:1}"
    ".axis{stroke:var(--soft);stroke-width:1}.line,.line2,.line3{fill:none;stroke:var(--blue);stroke-width:2.4;"
    "stroke-linejoin:round}.line2{stroke:var(--orange)}.line3{stroke:var(--green)}.area{fill:var(--pale)}"
    ".area3{fill:var(--pale3)}.hatch{fill:url(#hatch)}"
    ".equal{stroke:var(--soft);stroke-width:1.4;stroke-dasharray:6 4}"
    ".guide{stroke:var(--soft);stroke-width:1;stroke-dasharray:2 3;fill:none}.mark{fill:var(--ink)}"
    ".markt{fill:var(--card);font-size:10.5px;font-weight:700;text-anchor:middle}.bar{fill:url(#bars)}"
    ".bar3{fill:var(--green)}.key i{display:inline-block;width:22px;height:11px;margin:0 5px 0 12px;"
    "border:1px solid var(--soft);vertical-align:-1px}"
    ".key .k1{background:repeating-linear-gradient(45deg,var(--blue) 0 2px,var(--sky) 2px 5px)}"
    ".key .k3{background:var(--green)}\n",
    ".h1{stroke:var(--orange);stroke-width:1.2}.h2{fill:var(--sky)}.h3{stroke:var(--blue);stroke-width:1.6}"
    ".band{opacity:.8}.same{fill:var(--band);opacity:.28}.up{fill:var(--blue)}.down{fill:var(--orange)}"
    ".other{fill:var(--band);opacity:.6}.n0{fill:var(--band)}.n1{fill:var(--g1)}.n2{fill:var(--g2)}"
    ".n3{fill:var(--g3)}.n4{fill:var(--g4)}.n5{fill:var(--g5)}.n6{fill:var(--g6)}\n",
    ".q{stroke:var(--line);stroke-width:.6;fill:var(--blue)}.q0{fill:none}.q1{fill-opacity:.07}.q2{fill-opacity:.16}"
    ".q3{fill-opacity:.26}.q4{fill-opacity:.38}.q5{fill-opacity:.52}.base{fill:var(--soft)}.cnt{fill:var(--ink)}\n",
    ".g{display:inline-block;min-width:22px;padding:0 6px;border-radius:5px;background:var(--g5);color:var(--gi);"
    "text-align:center;font-size:13px;line-height:20px;font-weight:700}"
    ".g0{background:none;color:var(--soft);border:1px dashed var(--soft);line-height:18px}.g1{background:var(--g1)}"
    ".g2{background:var(--g2)}.g3{background:var(--g3)}.g4{background:var(--g4)}.g5{background:var(--g5)}"
    ".g6{background:var(--g6)}\n",
    ".scroll{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:8px}"
    "table{border-collapse:collapse;width:100%;font-size:13.5px}"
    "th,td{text-align:left;padding:6px 10px;border-bottom:1px solid var(--line);vertical-align:top}"
    "tbody tr:last-child>*{border-bottom:0}thead th{font-size:12.5px;color:var(--soft);font-weight:600;"
    "white-space:nowrap}td.r,th.r{text-align:right}td.r,td.n{white-space:nowrap}"
    "td.why{color:var(--soft);min-width:220px}.diag{background:var(--pale)}details{margin:6px 0 0;font-size:13.5px}"
    "summary{cursor:pointer;color:var(--soft)}.more{color:var(--soft);font-size:13.5px;margin:6px 2px}"
    ".grades{display:grid;grid-template-columns:auto 1fr;gap:4px 10px;margin:12px 0 0;font-size:13.5px}"
    ".grades dd{margin:0}.none{background:var(--card);border:1px dashed var(--line);border-radius:8px;"
    "padding:14px 16px;color:var(--soft);margin:8px 0}\n",
    ".cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,340px),1fr));gap:12px;margin:8px 0}"
    ".card{background:var(--card);border:1px solid var(--line);border-top:4px solid var(--g1);border-radius:8px;"
    "padding:10px 14px;margin:0;overflow:hidden}.card.late{border-top-color:var(--red)}"
    ".card h3{margin:0;font-size:16px;line-height:1.3;display:flex;gap:8px;align-items:flex-start}"
    ".card h3>span{flex:1}.card .at{color:var(--soft);font-size:13px;margin:1px 0 6px}"
    ".card dl{display:grid;grid-template-columns:auto 1fr;gap:1px 12px;margin:0;font-size:13.5px}"
    ".card dt{color:var(--soft)}.card dd{margin:0;text-align:right}"
    ".card .say{font-size:13px;color:var(--soft);margin:6px 0 0;border-top:1px solid var(--line);padding-top:6px}"
    ".card .say b{color:var(--ink)}.chip{display:inline-block;border:1px solid currentColor;border-radius:9px;"
    "padding:0 7px;font-size:12px;line-height:17px;color:var(--red)}.chip.ok{color:var(--green)}"
    ".chip.calm{color:var(--soft)}\n",
    ".rep{margin:14px 0}.rep>summary{font-size:16px;font-weight:650;color:var(--ink);padding:6px 0}"
    ".rep>summary small{font-weight:400;color:var(--soft)}.week{margin:0 0 10px}.week h4{margin:8px 0 4px}"
    ".days{display:grid;grid-template-columns:repeat(var(--d,5),minmax(0,1fr));gap:8px}.days.d6{--d:6}.days.d7{--d:7}"
    ".day{background:var(--card);border:1px solid var(--line);border-radius:7px;padding:6px 8px;min-width:0;"
    "font-size:12.5px;line-height:1.35}.day.empty{background:none;border-style:dashed}"
    ".day h5{margin:0 0 3px;font-size:12.5px;display:flex;justify-content:space-between;gap:4px}"
    ".day h5 small{font-weight:400;color:var(--soft)}.day ol{margin:3px 0;padding-left:18px}"
    ".day li>small{display:block;color:var(--soft)}"
    ".day ul{margin:4px 0 0;padding:4px 0 0;list-style:none;border-top:1px dotted var(--line)}.day li{margin:1px 0}"
    ".day .g{font-size:10.5px;line-height:14px;min-width:15px;padding:0 3px}.off{color:var(--soft);font-style:italic}\n"
    ".day .g{font-size:10.5px;line-height:14px;min-width:15px;padding:0 3px}.off{color:var(--soft);font-style:italic}",
    ".map{display:block;width:100%;height:auto;background:var(--bg);border-radius:5px;margin:2px 0}"
    ".way{fill:none;stroke:var(--blue);stroke-width:1.5;stroke-linejoin:round}"
    ".start{stroke-dasharray:3 2.5;stroke-width:1}.home{fill:var(--ink)}"
    ".stop{fill:var(--blue);stroke:var(--card);stroke-width:1}"
    ".no{fill:var(--gi);font-size:8px;font-weight:700;text-anchor:middle}.scale{stroke:var(--soft);stroke-width:1.2}"
    ".tiny{font-size:7px;fill:var(--soft)}\n",
    ".bad{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,320px),1fr));gap:12px}"
    ".bad .box h3{margin:0 0 2px;display:flex;justify-content:space-between;gap:8px}"
    ".bad p{font-size:13.5px;color:var(--soft);margin:2px 0 6px}.bad ul{margin:0;padding-left:18px;font-size:13.5px}"
    "footer{color:var(--soft);font-size:13px;border-top:1px solid var(--line);margin-top:30px}"
    "footer code{font-size:12px}.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}\n",
    "@media(max-width:640px){header>div,main,footer{padding:14px}h1{font-size:23px}"
    ".tiles{grid-template-columns:1fr 1fr}.tile .big{font-size:20px}.opt{display:none}.stack thead{display:none}"
    ".stack tr{display:block;padding:8px 10px;border-bottom:1px solid var(--line)}"
    ".stack tbody tr:last-child{border:0}.stack td{display:inline-block;border:0;padding:1px 10px 1px 0}"
    ".stack td:first-child{font-weight:650;display:block}.stack td.why{display:block}"
    ".days,.days.d6,.days.d7{grid-template-columns:1fr}.day.empty{display:none}.day{font-size:13.5px}"
    ".map{max-width:300px}td.why{min-width:180px}}\n",
    "@page{size:A4;margin:13mm 12mm}@media print{body{background:#fff;font-size:10.5px;line-height:1.35;"
    "-webkit-print-color-adjust:exact;print-color-adjust:exact}header{border-radius:6px}"
    "header>div,main,footer{max-width:none;padding:10px 0}header>div{padding:12px 14px}"
    "nav,details:not(.rep)>*{display:none}h1{font-size:21px}h2{font-size:15px;margin:16px 0 2px;break-after:avoid}"
    "h3,h4{break-after:avoid}.lead{break-after:avoid}.tile,.fig,.card,.day,.box,tr,.none,.week{break-inside:avoid}"
    ".tiles{grid-template-columns:repeat(5,1fr);gap:6px}"
    ".chip,.g{font-size:8.5px;line-height:12px;padding:0 4px;min-width:14px}"
    ".three{grid-template-columns:1fr 1fr 1fr;gap:8px}.tile{padding:6px 9px}.tile .big{font-size:17px}"
    ".tile .sub,.tile dt{font-size:9.5px}.two{grid-template-columns:1fr 1fr;gap:8px}"
    ".cards{grid-template-columns:1fr 1fr;gap:8px}"
    ".card dl,.card .say,.card .at,.fig figcaption,.fig ol,table,.bad p,.bad ul,.more{font-size:9.5px}"
    ".card h3{font-size:11.5px}.card{padding:6px 9px}.card .say{margin-top:3px;padding-top:3px}.fig{padding:7px 9px}"
    "th,td{padding:3px 6px}thead{display:table-header-group}.bad{grid-template-columns:1fr 1fr}"
    ".rep{break-before:page}.rep>summary{list-style:none;font-size:13px}.day{font-size:8.5px;padding:4px 5px}"
    ".day .g{font-size:7.5px;line-height:10px}.day .chip{font-size:7px;line-height:9px}.week h4{font-size:10px}"
    ".day ol{padding-left:14px}.day h5{font-size:8.5px}.scroll{overflow:visible}.days{padding-right:1px}"
    ".tile,.fig,.card,.box,.scroll,.day{box-shadow:none}a{color:inherit;text-decoration:none}}\n",
    NULL};

/* ---------------------------------------------------------------- its hash */

static uint8_t style_nibble(char c) { return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10); }

void kam__report_style_hash(char out[64])
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    kam__sha256 s;
    char hex[65];
    uint8_t byte[33] = {0};
    kam__sha256_init(&s);
    for (size_t i = 0; kam__report_style[i]; i++)
        kam__sha256_add(&s, kam__report_style[i], strlen(kam__report_style[i]));
    kam__sha256_end(&s, hex);
    for (size_t i = 0; i < 32; i++) byte[i] = (uint8_t)(style_nibble(hex[2 * i]) << 4 | style_nibble(hex[2 * i + 1]));
    size_t at = strlen(memcpy(out, "sha256-", 8));
    for (size_t i = 0; i < 33; i += 3) {
        uint32_t v = (uint32_t)byte[i] << 16 | (uint32_t)byte[i + 1] << 8 | byte[i + 2];
        for (int k = 18; k >= 0; k -= 6) out[at++] = digit[v >> k & 63];
    }
    out[at - 1] = '=';                                                  /* 32 bytes: one place is left over */
    out[at] = '\0';
}
