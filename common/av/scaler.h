// Scaling and pixel format conversion with libswscale.
#pragma once

#include <optional>

#include "common/av/ptr.h"

namespace live::av {

// Where in the destination the picture goes; even numbers.
struct Rectangle {
    int x = 0;
    int y = 0;
    int width = 0;
    int height = 0;
    friend bool operator==(const Rectangle&, const Rectangle&) = default;
};

// Bilinear. The source may be of any size and pixel format libswscale reads, of any matrix and range; the destination
// is 8-bit 4:2:0 BT.709 limited range. Contexts are kept and made anew when the source changes. Not thread safe.
class Scaler {
public:
    // Unsupported when libswscale cannot read the source format.
    Result<void> scale(const AVFrame& source, AVFrame& destination, Rectangle where);

private:
    struct Shape {
        int width = 0;
        int height = 0;
        int format = -1;
        int matrix = 0;  // SWS_CS_*
        bool isFullRange = false;
        int toWidth = 0;
        int toHeight = 0;
        friend bool operator==(const Shape&, const Shape&) = default;
    };
    static Shape shapeOf(const AVFrame& source, Rectangle where);
    Result<void> configure(const Shape& shape);

    std::optional<Shape> m_shape;
    SwsPtr m_context;
};

// The matrix a picture is in as SWS_CS_*: as tagged, else BT.601 up to standard definition and BT.709 above.
int swsMatrix(const AVFrame& frame);
bool isFullRange(const AVFrame& frame);

}  // namespace live::av
