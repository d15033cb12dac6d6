"""Help with images, for models that import it. Needs Pillow."""
import io


def make_image_rgb_jpeg(image_bytes):
    """The image as a JPEG in RGB of quality 99, without subsampling."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.open(io.BytesIO(image_bytes)).convert("RGB").save(buffer, "JPEG", quality=99, subsampling=0)
    return buffer.getvalue()
