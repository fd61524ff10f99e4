/** What `warifu` alone prints. */
export const WELCOME = `warifu: statistics together, over data that none may pool.

  warifu demo                                    see it work: three hospitals, three nodes, a minute
  warifu try --table p=FILE.csv "SELECT ..."     the same on your own file, on this computer alone
  warifu schema infer FILE.csv                   provider: describe a file, to review
  warifu upload FILE.csv --table T --slice S     provider: split it into shares, send them to the nodes
  warifu query "SELECT AVG(x) FROM T"            analyst: ask; --explain tells what it would cost and show
  warifu node init, cluster create, user add     operator: run one of the three nodes

Every command has --help, with examples. Guides: README.md and docs/commands.md.`;
