"""Images, labels, samples and formats: numpy, Pillow and OpenCV, no database and no network."""
