// Golden files: what a test makes is compared with tests/golden/<name>.
//
// LIVE_UPDATE_GOLDEN=1 in the environment writes them anew; look at the difference before you commit it.
#pragma once

#include <QByteArray>
#include <QDir>
#include <QFile>
#include <QString>
#include <string_view>

namespace live::test {

// Empty if `actual` is what the file has; otherwise what differs and the command that writes the file.
inline QString compareWithGolden(const QString& name, std::string_view actual) {
    const QString path = QStringLiteral(LIVE_GOLDEN_DIR "/") + name;
    const QByteArray bytes(actual.data(), static_cast<qsizetype>(actual.size()));
    QFile file(path);
    if (qEnvironmentVariableIsSet("LIVE_UPDATE_GOLDEN")) {
        QDir().mkpath(QStringLiteral(LIVE_GOLDEN_DIR));
        return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size() ? QString()
                                                                                    : "cannot write " + path;
    }
    const QByteArray expected = file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    if (expected == bytes) return {};
    const QList<QByteArray> left = expected.split('\n'), right = bytes.split('\n');
    qsizetype line = 0;
    while (line < left.size() && line < right.size() && left[line] == right[line]) ++line;
    return QStringLiteral("%1 line %2\n  expected: %3\n  actual:   %4\nIf that is right: LIVE_UPDATE_GOLDEN=1 %5")
        .arg(name)
        .arg(line + 1)
        .arg(line < left.size() ? left[line] : "(end)", line < right.size() ? right[line] : "(end)",
             QCoreApplication::arguments().join(' '));
}

}  // namespace live::test
