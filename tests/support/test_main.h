// Test classes register themselves; the program runs the one named by its first argument, or all.
//
//   class GridTest : public QObject { Q_OBJECT private slots: void aFrameBelongsToTheSlotOfItsStart(); };
//   LIVE_TEST(GridTest)
//   #include "grid_test.moc"
//
// Include this header first: moc 6.4 stops at "namespace std" in <concepts> when no Qt header came before it. And keep
// raw string literals out of files with a test class: moc skips the class without a word.
#pragma once

#include <QObject>
#include <QTest>
#include <memory>

namespace live::test {
bool add(const char* name, std::unique_ptr<QObject> (*make)());
}

#define LIVE_TEST(Class) \
    static const bool registered##Class = live::test::add(#Class, [] { return std::unique_ptr<QObject>(new Class); });
