// promtool, which judges a page of metrics as Prometheus would.
#pragma once

#include <QProcess>
#include <QString>
#include <string>

namespace live::test {

// What it finds wrong with `page`, or why it could not be asked; empty: clean.
inline QString promtoolFindings(const std::string& page) {
    QProcess promtool;
    promtool.setProcessChannelMode(QProcess::MergedChannels);
    promtool.start("promtool", {"check", "metrics"});
    promtool.write(QByteArray::fromStdString(page));
    promtool.closeWriteChannel();
    if (!promtool.waitForFinished()) return "promtool: " + promtool.errorString();
    if (promtool.exitCode() == 0) return {};
    return "promtool exits with " + QString::number(promtool.exitCode()) + ": " + promtool.readAll();
}

}  // namespace live::test
