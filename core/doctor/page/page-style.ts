/**
 * Rules of the doctor's page, besides those it shares with the report. The colours of the callers differ in lightness too,
 * and have patterns. Red is only for throttled calls.
 */
export const doctorStyle = `:root{color-scheme:light dark;--bg:#fff;--ink:#1b2733;--line:#d5dde5;--soft:#f3f6f9;--mut:#5b6b7a;--link:#0b5cad;--red:#c0262d;--band:#c0262d1f;--pat:#ffffff99;--f0:#1f5fa8;--f1:#e8a317;--f2:#1b8a6b;--f3:#b58be0;--f4:#4d3a8c;--f5:#8fc7ea;--fo:#b4bec8}
@media(prefers-color-scheme:dark){:root{--bg:#14191f;--ink:#dfe7ee;--line:#33404c;--soft:#1c232b;--mut:#93a3b1;--link:#7db8f0;--red:#ff6b70;--band:#ff6b7030;--pat:#14191f99;--f0:#5b9be6;--f1:#f0b440;--f2:#3fb593;--f3:#d3b5f5;--f4:#9c84e8;--f5:#bfe2f7;--fo:#5d6a76}}
a{color:var(--link)}h1{overflow-wrap:anywhere}h3{font-size:1rem;margin:.2rem 0 .4rem}h4{font-size:.95rem;margin:1rem 0 .2rem}bdi{overflow-wrap:anywhere}
summary:focus-visible,a:focus-visible,.scroll:focus-visible{outline:2px solid var(--link);outline-offset:2px}
.ld{font-size:1.2rem;line-height:1.4;max-width:60rem}.wc{margin-top:1rem;font-size:1.05rem}.ch{max-width:60rem}.ch li{margin:.3rem 0}
.vl{list-style:none;padding:0;display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));gap:.5rem 1.6rem}.vl li{display:grid;grid-template-columns:7.2rem 1fr;gap:.6rem;align-items:start}
.v{display:inline-block;border:1px solid;border-radius:1rem;padding:0 .6rem;font-size:.85rem;font-weight:600;white-space:nowrap;vertical-align:.1em;text-align:center}.v-found{color:#a1232b}.v-in-order{color:#17693a}.v-unknown{color:#5b6b7a}
section{border-top:1px solid var(--line);margin-top:2rem}section h2{margin-top:1.2rem}
.c{margin:1.2rem 0 2rem}.c figcaption h3{margin-bottom:0}.c figcaption p{margin:.1rem 0 .3rem}
.g{display:block;overflow:visible;margin-left:48px;width:calc(100% - 72px);font-size:12px}.g text{fill:var(--mut)}.t{font-variant-numeric:tabular-nums}
.g path,.g rect{shape-rendering:crispEdges}.l{stroke:var(--line);vector-effect:non-scaling-stroke}.x{stroke:var(--ink);vector-effect:non-scaling-stroke}
.w{fill:var(--band);stroke:var(--band);vector-effect:non-scaling-stroke}.wt,.r{fill:var(--red)}.h{fill:transparent}.h:hover{fill:var(--ink);fill-opacity:.12}.k{fill:none;stroke:var(--pat);stroke-width:1.6}
.f0{fill:var(--f0)}.f1{fill:var(--f1)}.f2{fill:var(--f2)}.f3{fill:var(--f3)}.f4{fill:var(--f4)}.f5{fill:var(--f5)}.fo{fill:var(--fo)}
.lg{list-style:none;padding:0;display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,21rem),1fr));gap:.4rem 1.2rem;font-size:.9rem}.lg li{display:flex;gap:.5rem;align-items:start}.sw{flex:none;margin-top:.25rem}
.scroll{overflow:auto;max-height:26rem}.scroll table{display:table;font-size:.85rem}.scroll th{font-weight:400}.scroll thead th{position:sticky;top:0;background:var(--bg)}caption{text-align:left}
.ca{border:1px solid var(--line);border-radius:.4rem;margin:.5rem 0}.ca>summary{padding:.5rem .8rem}.ca[open]>summary{border-bottom:1px solid var(--line)}.ca:target{outline:2px solid var(--link)}.cb{padding:.2rem .8rem .8rem}
.two{display:grid;grid-template-columns:minmax(0,3fr) minmax(0,2fr);gap:0 2rem}.fg{display:table}.fg th{font-weight:400}.fg td.n{white-space:nowrap}.fg td.bw{width:9rem;white-space:normal}.st th.n{width:auto}.br{display:block;height:.4rem;border-radius:.2rem;min-width:2px;margin:.1rem 0 .3rem auto}.before{background:var(--red)}.after{background:var(--f2)}
pre{background:var(--soft);padding:.6rem .8rem;border-radius:.3rem;white-space:pre-wrap;overflow-wrap:anywhere;font-size:.85rem;margin:.4rem 0}.ex{margin:.3rem 0}.sv{margin-top:.8rem}.cl{padding-left:1.1rem}.ua,.long{font-size:.85rem}.long>bdi{display:block;max-height:14rem;overflow:auto;background:var(--soft);padding:.4rem}
.so{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr));gap:.5rem 1.6rem}.so div{display:grid;grid-template-columns:9.5rem minmax(0,1fr)}.so dt{color:var(--mut)}.so dd{margin:0}.so ul{margin-top:0}
@media(prefers-color-scheme:dark){.v-found{color:#f08a8f}.v-in-order{color:#6cc48f}.v-unknown{color:#93a3b1}}
@media(max-width:60rem){.two{grid-template-columns:minmax(0,1fr)}}
@media(max-width:40rem){body{margin-top:1rem}.o{display:none}.so div{grid-template-columns:minmax(0,1fr)}.vl li{display:block}.vl .v{margin-right:.5rem}.st,.st tbody,.st tr,.st td{display:block}.st thead{display:none}.st tr{border-bottom:1px solid var(--line);padding:.4rem 0}.st td,.st td.n{border:0;padding:.05rem 0;text-align:left}.st td[data-l]::before{content:attr(data-l) ": ";color:var(--mut)}}
@media print{html{font-size:11px}body{margin:0;max-width:none;font-size:1rem}.np{display:none}details:not(.np)::details-content{content-visibility:visible;block-size:auto}.ca,.c,tr{break-inside:avoid}h2,h3,summary{break-after:avoid}a{color:inherit;text-decoration:none}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}.two{display:block}}`;
