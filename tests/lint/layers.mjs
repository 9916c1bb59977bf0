// The direction in which folders may see each other. A folder sees itself and whatever has a lower rank; folders of one
// rank do not see each other.
const kRanks = [
  ['common/base', 'common/log', 'common/config', 'common/net', 'common/model', 'common/av'],
  ['server/media', 'server/observe'],
  ['server/ffmpeg', 'server/store'],
  ['server/ingest', 'server/transcode', 'server/package', 'server/origin', 'server/cdn', 'server/audience'],
  ['server/publish'],
  ['server/stream'],
  ['server/control'],
  ['server/daemon'],
  ['server/main.cpp', 'server/worker_main.cpp'],
];
const kStd = new Set(kRanks[0]);
const kWithQt = ['common/api', 'server/control', 'server/daemon', 'server/main.cpp', 'app', 'tests'];

const rankOf = (folder) => kRanks.findIndex((folders) => folders.includes(folder));

// "server/origin/io/listener.cpp" → "server/origin"; files directly below app, tests stand for themselves.
function folderOf(file) {
  const [top, next] = file.split('/');
  return top === 'common' || top === 'server' ? `${top}/${next}` : top;
}

export function mayInclude(file, included) {
  const from = folderOf(file), to = folderOf(included);
  if (from === to || from === 'tests') return true;
  if (kStd.has(to)) return true;  // within common/ the CMake edges decide the order
  if (to === 'common/api') return ['server/control', 'server/daemon', 'app'].includes(from);
  if (from === 'app' || to === 'app') return false;
  if (from === 'server/catalog') return false;
  if (to === 'server/catalog') return rankOf(from) >= rankOf('server/control');
  if (from === 'server/publish' && to === 'server/package') return true;
  return rankOf(to) >= 0 && rankOf(to) < rankOf(from);
}

export function mayUseQt(file) {
  return kWithQt.some((folder) => file === folder || file.startsWith(`${folder}/`));
}

export function mayUseLibav(file) {
  return ['common/av/', 'server/ffmpeg/', 'tests/', 'app/'].some((folder) => file.startsWith(folder));
}
