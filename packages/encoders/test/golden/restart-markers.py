"""Writes restart-markers.jpg with Pillow. It has restart markers every two 16 × 16 blocks, which sharp cannot write."""

from pathlib import Path

from PIL import Image

WIDTH, HEIGHT = 70, 46

image = Image.new("RGB", (WIDTH, HEIGHT))
image.putdata([((x * 5 + y) % 256, (y * 9) % 256, (x * y) % 256) for y in range(HEIGHT) for x in range(WIDTH)])
image.save(
    Path(__file__).with_suffix(".jpg"), quality=70, subsampling="4:2:0", restart_marker_blocks=2
)
