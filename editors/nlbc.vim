" Vim syntax file for nlbc profiles. Made from the keyword table by `make generate`.
" To use it for all *.prof files: autocmd BufRead,BufNewFile *.prof setfiletype nlbc
if exists("b:current_syntax")
  finish
endif

syn case match
syn iskeyword @,48-57,_,-
syn keyword nlbcKeyword address auth backup balance burst cburst ceil changes choose clients-per-replica connections cooldown coordinator corrupt dashboard dead-after define delay description device duplicate eject engine forwarded from health host identity idle in inbound include interface kernel limit listen log loss mark mark-mask max-connections maximum method metrics minimum mode nlbc onion path probe profile protocol proxy proxy-protocol quantum queue quorum rate reorder replace-qdisc replicas retries role route-protocol rule-base scale scope server service shaper slots slow-start start-timeout sticky sysctl table table-base target timeout tls to token tor toward trust via wait-for web weight when-all-down when-down workers
syn keyword nlbcOption alpha body columns compat connect correlation decay drain ecn errors fall flows for gap head interval jitter memory name on pick pool refresh request response rise seed status verify window
syn keyword nlbcChoice accept adaptive addresses all auto both csv destination drop ewma first flow fq_codel full hash htb http icmp ignore iptables keep least-connections least-loaded local main nexthop nft none off peak-ewma per-flow per-packet per-request persistent ping random random-two redistribute rfc7239 round-robin same-path sctp send sma source source-hash system tbf tcp turn udp x-forwarded
syn match nlbcNumber /\<\d\+\(\.\d\+\)\?\c\([kmgt]\?bit\|[kmg]\?b\|p\|us\|ms\|s\|min\|h\|%\)\?\ze\([[:blank:],;}]\|$\)/
syn match nlbcNumber /\<0x\x\+\>/
syn match nlbcAddress /\<\d\+\.\d\+\.\d\+\.\d\+\([:\/]\d\+\)\?\>/
syn match nlbcVariable /\$[a-z][a-z0-9-]*/
syn region nlbcString start=/"/ skip=/\\./ end=/"/ oneline
syn match nlbcComment /#.*$/

hi def link nlbcKeyword Statement
hi def link nlbcOption Type
hi def link nlbcChoice Constant
hi def link nlbcNumber Number
hi def link nlbcAddress Number
hi def link nlbcVariable Identifier
hi def link nlbcString String
hi def link nlbcComment Comment

let b:current_syntax = "nlbc"
