// Convolutions and their gradients, one thread for each value of the result. Images are `[batch, height, width,
// channels]`. A filter is `[height, width, in, out]`; a depthwise one `[height, width, channels, multiplier]`.
#include "kernel.h"

struct ConvolutionArgs {
  Global<const float> first;
  Global<const float> second;
  Global<float> out;
  unsigned size;
  int batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels;
  int filterHeight, filterWidth, strideY, strideX, top, left, dilationY, dilationX;
  int multiplier; // 0: every output channel sees every input channel.
};

DEVICE long long imageAt(int b, int y, int x, int c, int height, int width, int channels) {
  return (((long long)b * height + y) * width + x) * channels + c;
}

// x, filter → y
KERNEL(convolve, ConvolutionArgs) {
  FOR_EACH(i, a.size) {
    const int channel = i % a.outChannels, x = i / a.outChannels % a.outWidth;
    const int y = i / a.outChannels / a.outWidth % a.outHeight, b = i / a.outChannels / a.outWidth / a.outHeight;
    const int from = a.multiplier ? channel / a.multiplier : 0, to = a.multiplier ? from + 1 : a.inChannels;
    float total = 0;
    for (int fy = 0; fy < a.filterHeight; fy++) {
      const int inY = y * a.strideY - a.top + fy * a.dilationY;
      if (inY < 0 || inY >= a.inHeight) continue;
      for (int fx = 0; fx < a.filterWidth; fx++) {
        const int inX = x * a.strideX - a.left + fx * a.dilationX;
        if (inX < 0 || inX >= a.inWidth) continue;
        for (int c = from; c < to; c++) {
          const long long weight = a.multiplier
              ? (long long)(fy * a.filterWidth + fx) * a.outChannels + channel
              : ((long long)(fy * a.filterWidth + fx) * a.inChannels + c) * a.outChannels + channel;
          const float value = a.first[imageAt(b, inY, inX, c, a.inHeight, a.inWidth, a.inChannels)];
          total = fmaf(value, a.second[weight], total);
        }
      }
    }
    a.out[i] = total;
  }
}

// dy, filter → dx
KERNEL(convolve_input_gradient, ConvolutionArgs) {
  FOR_EACH(i, a.size) {
    const int c = i % a.inChannels, x = i / a.inChannels % a.inWidth;
    const int y = i / a.inChannels / a.inWidth % a.inHeight, b = i / a.inChannels / a.inWidth / a.inHeight;
    const int from = a.multiplier ? c * a.multiplier : 0, to = a.multiplier ? from + a.multiplier : a.outChannels;
    float total = 0;
    for (int fy = 0; fy < a.filterHeight; fy++) {
      const int outY = y + a.top - fy * a.dilationY;
      if (outY < 0 || outY % a.strideY != 0 || outY / a.strideY >= a.outHeight) continue;
      for (int fx = 0; fx < a.filterWidth; fx++) {
        const int outX = x + a.left - fx * a.dilationX;
        if (outX < 0 || outX % a.strideX != 0 || outX / a.strideX >= a.outWidth) continue;
        for (int channel = from; channel < to; channel++) {
          const long long weight = a.multiplier
              ? (long long)(fy * a.filterWidth + fx) * a.outChannels + channel
              : ((long long)(fy * a.filterWidth + fx) * a.inChannels + c) * a.outChannels + channel;
          const long long at = imageAt(b, outY / a.strideY, outX / a.strideX, channel, a.outHeight, a.outWidth, a.outChannels);
          total = fmaf(a.first[at], a.second[weight], total);
        }
      }
    }
    a.out[i] = total;
  }
}

// x, dy → dFilter
KERNEL(convolve_filter_gradient, ConvolutionArgs) {
  FOR_EACH(i, a.size) {
    const int channel = i % a.outChannels, rest = i / a.outChannels;
    const int c = a.multiplier ? channel / a.multiplier : rest % a.inChannels;
    const int place = a.multiplier ? rest : rest / a.inChannels;
    const int fx = place % a.filterWidth, fy = place / a.filterWidth;
    float total = 0;
    for (int b = 0; b < a.batch; b++) {
      for (int y = 0; y < a.outHeight; y++) {
        const int inY = y * a.strideY - a.top + fy * a.dilationY;
        if (inY < 0 || inY >= a.inHeight) continue;
        for (int x = 0; x < a.outWidth; x++) {
          const int inX = x * a.strideX - a.left + fx * a.dilationX;
          if (inX < 0 || inX >= a.inWidth) continue;
          const float value = a.first[imageAt(b, inY, inX, c, a.inHeight, a.inWidth, a.inChannels)];
          total = fmaf(value, a.second[imageAt(b, y, x, channel, a.outHeight, a.outWidth, a.outChannels)], total);
        }
      }
    }
    a.out[i] = total;
  }
}
