/** The style sheet of the HTML pages: the report, and the doctor's diagnosis. */
export const pageStyle = `body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:76rem;padding:0 1rem;color:#1b2733;background:#fff}
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem}table{border-collapse:collapse;width:100%;margin-bottom:1.2rem}
th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid #d5dde5;vertical-align:top}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
.COMPLETE{color:#17693a}.low{color:#3b5b80}.PARTIAL,.medium{color:#8a5a00}.FAILED,.critical{color:#a1232b}.high{color:#b04a12}.s{font-weight:600}.a{overflow-wrap:anywhere}.d{white-space:nowrap}.p{min-width:15rem}th.n{width:5.5rem}.m{color:#5b6b7a}
summary{cursor:pointer}ul{margin:.3rem 0 .8rem;padding-left:1.2rem}
@media(max-width:60rem){table{display:block;overflow-x:auto}}
@media(prefers-color-scheme:dark){body{color:#dfe7ee;background:#14191f}th,td{border-color:#33404c}.COMPLETE{color:#6cc48f}.low{color:#9db9dc}.PARTIAL,.medium{color:#e0b05a}.FAILED,.critical{color:#f08a8f}.high{color:#f0a070}.m{color:#93a3b1}}`;
