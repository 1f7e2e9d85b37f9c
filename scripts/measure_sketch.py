#!/usr/bin/python3
"""What remains readable in a sketch: number plates and faces as a 1080p recorder with 130 degrees sees them.

usage: scripts/measure_sketch.py [--program build/release/bin/sudare] [--trials 20] [--seed 1]

Draws plates and faces at the sizes that they have 3 to 20 m in front of the lens, makes a clip of them (each stands still
for a second, H.264 at a quality above any recorder's), runs `sudare clip minimize --profile sketch` and looks for them in
both with Tesseract and OpenCV's face cascades. The attacker knows where they are, enlarges and sharpens. As an upper
bound, one who also knows the typeface, the exact size and place, and has this program: every digit is compared with
sketches of all ten digits there.
Needs the Debian packages tesseract-ocr python3-opencv opencv-data python3-pil fonts-dejavu-core ffmpeg.
"""
import argparse
import math
import os
import random
import subprocess
import tempfile

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 1920, 1080
FIELD_OF_VIEW = math.radians(130)
# Equidistant, as wide lenses are: the middle of the picture is larger than in a rectilinear one (846 against 448).
PIXELS_PER_RADIAN = WIDTH / FIELD_OF_VIEW
FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSansCondensed-Bold.ttf"
CASCADES = "/usr/share/opencv4/haarcascades/"
FRAMES_PER_TRIAL = 5  # at 5 pictures a second


def draw_plate(text, pixels_wide):
    """A Japanese plate, 330 x 165 mm, digits 80 mm high; drawn large and scaled down by area, as a lens does."""
    scale = 4
    image = Image.new("L", (330 * scale, 165 * scale), 235)
    draw = ImageDraw.Draw(image)
    draw.rectangle((2, 2, 330 * scale - 3, 165 * scale - 3), outline=40, width=4 * scale)
    draw.text((165 * scale, 30 * scale), "500", font=ImageFont.truetype(FONT, 45 * scale), fill=20, anchor="mm")
    draw.text((165 * scale, 100 * scale), text, font=ImageFont.truetype(FONT, 110 * scale), fill=20, anchor="mm")
    return scaled(np.array(image), pixels_wide)


def draw_face(rng, pixels_wide):
    """A face from the front, 160 mm wide with its hair; what a cascade looks for: dark eyes, light nose and cheeks."""
    side = 400
    skin = rng.randint(150, 210)
    face = np.full((side, side), rng.randint(60, 120), np.uint8)
    jitter = lambda value: value + rng.randint(-6, 6)
    cv2.ellipse(face, (200, 190), (jitter(150), jitter(185)), 0, 0, 360, rng.randint(20, 60), -1)  # hair
    cv2.ellipse(face, (200, 225), (jitter(125), jitter(160)), 0, 0, 360, skin, -1)
    for x in (145, 255):
        cv2.ellipse(face, (x, 195), (38, 24), 0, 0, 360, skin - 45, -1)  # sockets
        cv2.ellipse(face, (x, jitter(160)), (38, 8), 0, 0, 360, 45, -1)  # brows
        cv2.ellipse(face, (x, 200), (26, 12), 0, 0, 360, 235, -1)
        cv2.circle(face, (x, 200), 12, 25, -1)
    cv2.ellipse(face, (200, 225), (16, 55), 0, 0, 360, min(skin + 20, 255), -1)  # nose
    cv2.ellipse(face, (200, 275), (30, 8), 0, 0, 360, skin - 60, -1)
    cv2.ellipse(face, (200, jitter(325)), (52, 16), 0, 0, 360, skin - 80, -1)  # mouth
    return scaled(cv2.GaussianBlur(face, (0, 0), 5), pixels_wide)


def scaled(image, pixels_wide):
    size = (max(1, round(pixels_wide)), max(1, round(pixels_wide * image.shape[0] / image.shape[1])))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)


def background(rng):
    """Sky over road, with soft large shapes: nothing that a detector takes for text or a face."""
    shapes = np.random.default_rng(rng.randint(0, 1 << 30)).normal(0, 12, (HEIGHT // 120, WIDTH // 120)).astype(np.float32)
    shapes = cv2.resize(shapes, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    rows = np.where(np.arange(HEIGHT) < HEIGHT // 2, 170, 95).reshape(-1, 1).astype(np.float32)
    return cv2.GaussianBlur(rows + shapes, (0, 0), 9).clip(0, 255).astype(np.uint8)


def place(frame, patch, left, top):
    frame[top:top + patch.shape[0], left:left + patch.shape[1]] = patch
    return (left, top, patch.shape[1], patch.shape[0])


class Clip:
    """Trials in a row, as a clip, its sketch, and the last picture of each trial of both."""

    def __init__(self, directory, program):
        self.directory, self.program, self.frames = directory, program, []

    def add(self, frame):
        self.frames.append(frame)

    def pictures(self):
        clip, sketch = os.path.join(self.directory, "clip.mp4"), os.path.join(self.directory, "sketch.mp4")
        encoder = subprocess.Popen(
            ["ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "gray", "-s", f"{WIDTH}x{HEIGHT}", "-r", "5", "-i", "-",
             "-c:v", "libx264", "-preset", "veryfast", "-crf", "12", "-g", "5", "-pix_fmt", "yuv420p", clip], stdin=subprocess.PIPE)
        for frame in self.frames:
            for _ in range(FRAMES_PER_TRIAL):
                encoder.stdin.write(frame.tobytes())
        encoder.stdin.close()
        if encoder.wait() != 0:
            raise RuntimeError("ffmpeg")
        subprocess.run([self.program, "clip", "minimize", clip, sketch, "--profile", "sketch"], check=True, stdout=subprocess.DEVNULL)
        return self.last_of_each(clip), self.last_of_each(sketch)

    @staticmethod
    def last_of_each(path):
        video, pictures = cv2.VideoCapture(path), []
        while True:
            there, picture = video.read()
            if not there:
                break
            pictures.append(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY))
        return pictures[FRAMES_PER_TRIAL - 1::FRAMES_PER_TRIAL]


def enlarged(picture, box, factor_to_source, margin=0.15):
    """The attacker's view: cut out, enlarged, contrast stretched, sharpened."""
    left, top, width, height = (value * factor_to_source for value in box)
    x0, y0 = max(0, int(left - margin * width)), max(0, int(top - margin * height))
    x1, y1 = math.ceil(left + width * (1 + margin)), math.ceil(top + height * (1 + margin))
    cut = picture[y0:y1, x0:x1]
    zoom = max(1.0, 400 / cut.shape[1])
    cut = cv2.resize(cut, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_CUBIC)
    cut = cv2.normalize(cut, None, 0, 255, cv2.NORM_MINMAX)
    return cv2.addWeighted(cut, 1.8, cv2.GaussianBlur(cut, (0, 0), 3), -0.8, 0)


def ocr(picture, directory, *options):
    path = os.path.join(directory, "ocr.png")
    cv2.imwrite(path, picture)
    environment = dict(os.environ, OMP_THREAD_LIMIT="1")
    result = subprocess.run(["tesseract", path, "-", *options], capture_output=True, text=True, env=environment, check=False)
    return result.stdout


def characters_right(read, text):
    """The longest common subsequence: the most that the reading can be credited with."""
    table = [[0] * (len(text) + 1) for _ in range(len(read) + 1)]
    for i, a in enumerate(read):
        for j, b in enumerate(text):
            table[i + 1][j + 1] = table[i][j] + 1 if a == b else max(table[i][j + 1], table[i + 1][j])
    return table[-1][-1]


def text_found(picture, box, factor, directory):
    """Whether Tesseract, looking for text anywhere around, puts a word over the middle of the plate."""
    left, top, width, height = (value * factor for value in box)
    y0, y1 = max(0, int(top - 3 * height)), int(top + 4 * height)
    x0, x1 = max(0, int(left - 2 * width)), int(left + 3 * width)
    cut = picture[y0:y1, x0:x1]
    zoom = max(1.0, 800 / cut.shape[1])
    cut = cv2.resize(cut, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_CUBIC)
    middle = ((left + width / 2 - x0) * zoom, (top + height / 2 - y0) * zoom)
    for line in ocr(cut, directory, "--psm", "11", "tsv").splitlines()[1:]:
        cells = line.split("\t")
        if len(cells) == 12 and float(cells[10]) >= 30 and sum(c.isalnum() for c in cells[11]) >= 2:
            x, y, w, h = (int(cell) for cell in cells[6:10])
            if x <= middle[0] <= x + w and y <= middle[1] + h and middle[1] - h <= y + h:
                return True
    return False


def face_found(picture, box, factor, cascades):
    left, top, width, height = (value * factor for value in box)
    y0, y1 = max(0, int(top - 2 * height)), int(top + 3 * height)
    x0, x1 = max(0, int(left - 2 * width)), int(left + 3 * width)
    cut = picture[y0:y1, x0:x1]
    zoom = max(1.0, 80 * 5 / cut.shape[1])
    cut = cv2.resize(cut, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_CUBIC)
    middle = ((left + width / 2 - x0) * zoom, (top + height / 2 - y0) * zoom)
    for cascade in cascades:
        for (x, y, w, h) in cascade.detectMultiScale(cut, 1.05, 3, minSize=(20, 20)):
            if x <= middle[0] <= x + w and y <= middle[1] <= y + h:
                return True
    return False


def plates(arguments, rng, directory, distance, there=True):
    clip, trials = Clip(directory, arguments.program), []
    for _ in range(arguments.trials):
        digits = f"{rng.randint(0, 9999):04d}"
        patch = draw_plate(f"{digits[:2]}-{digits[2:]}", 0.33 * PIXELS_PER_RADIAN / distance)
        frame = background(rng)
        clip.add(frame)
        target = frame if there else frame.copy()
        trials.append((digits, place(target, patch, 860 + rng.randint(0, 60), 560 + rng.randint(0, 60))))
    row = {}
    for name, pictures in zip(("source", "sketch"), clip.pictures()):
        factor = pictures[0].shape[1] / WIDTH
        found = right = whole = guessed = 0
        for i, ((digits, box), picture) in enumerate(zip(trials, pictures)):
            found += text_found(picture, box, factor, directory)
            read = ocr(enlarged(picture, box, factor), directory, "--psm", "6", "-c", "tessedit_char_whitelist=0123456789-")
            # The digits are in the last line; the one above is not counted.
            lines = [line for line in read.split() if any(c.isdigit() for c in line)]
            read = [c for c in lines[-1] if c.isdigit()] if lines else []
            best = characters_right(read, digits)
            guessed += characters_right(read, trials[i - 1][0])
            right += best
            whole += best == 4
        count = len(trials)
        row[name] = (found / count, right / (4 * count), whole / count, guessed / (4 * count))
    return row


def faces(arguments, rng, directory, distance, cascades, there=True):
    clip, trials = Clip(directory, arguments.program), []
    for _ in range(arguments.trials):
        frame = background(rng)
        patch = draw_face(rng, 0.24 * PIXELS_PER_RADIAN / distance)  # 240 mm: with the margin that is drawn around it
        clip.add(frame)
        trials.append(place(frame if there else frame.copy(), patch, 860 + rng.randint(0, 60), 500 + rng.randint(0, 60)))
    return {name: sum(face_found(picture, box, pictures[0].shape[1] / WIDTH, cascades) for box, picture in zip(trials, pictures))
            / len(trials) for name, pictures in zip(("source", "sketch"), clip.pictures())}


def template_attack(arguments, rng, directory, distance):
    """Share of digits and of whole plates that one reads who can make sketches of every digit at the same place."""
    wide = 0.33 * PIXELS_PER_RADIAN / distance
    left, top, frame = 880, 580, background(rng)
    known = Clip(directory, arguments.program)
    for digit in range(10):
        shot = frame.copy()
        box = place(shot, draw_plate(f"{digit}{digit}-{digit}{digit}", wide), left, top)
        known.add(shot)
    _, templates = known.pictures()
    unknown, truths = Clip(directory, arguments.program), []
    for _ in range(arguments.trials):
        digits = f"{rng.randint(0, 9999):04d}"
        shot = frame.copy()
        place(shot, draw_plate(f"{digits[:2]}-{digits[2:]}", wide), left, top)
        unknown.add(shot)
        truths.append(digits)
    _, pictures = unknown.pictures()
    factor = pictures[0].shape[1] / WIDTH
    right = whole = 0
    for digits, picture in zip(truths, pictures):
        read = ""
        for position in range(4):
            # Where the digit's middle is: 0.2, 0.37 | 0.63, 0.8 of the plate's width.
            centre = left + wide * (0.20, 0.37, 0.63, 0.80)[position]
            x0, x1 = math.floor((centre - 0.10 * wide) * factor), math.ceil((centre + 0.10 * wide) * factor)
            y0, y1 = math.floor((top + 0.15 * wide) * factor), math.ceil((top + 0.45 * wide) * factor)
            view = lambda image: image[y0:max(y1, y0 + 1), x0:max(x1, x0 + 1)].astype(float)
            read += str(min(range(10), key=lambda digit: np.abs(view(picture) - view(templates[digit])).sum()))
        right += sum(a == b for a, b in zip(read, digits))
        whole += read == digits
    return right / (4 * len(truths)), whole / len(truths)


def percent(value):
    return f"{100 * value:.0f} %"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/release/bin/sudare")
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--distances", type=float, nargs="+", default=[3, 5, 7, 10, 15, 20], metavar="METRES")
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    cascades = [cv2.CascadeClassifier(CASCADES + name) for name in
                ("haarcascade_frontalface_default.xml", "haarcascade_frontalface_alt2.xml")]
    print(f"{arguments.trials} plates and faces for each distance, seed {arguments.seed}; source / sketch (credited for another plate's digits)\n")
    print("| distance | plate's width in pixels | text found | characters read right | plates read | faces found "
          "| digits by templates | plates by templates |\n|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as directory:
        plate = plates(arguments, rng, directory, 5, there=False)
        face = faces(arguments, rng, directory, 5, cascades, there=False)
        print(f"| nothing there | | {percent(plate['source'][0])} / {percent(plate['sketch'][0])} "
              f"| {percent(plate['source'][1])} / {percent(plate['sketch'][1])} | | {percent(face['source'])} / "
              f"{percent(face['sketch'])} | | |", flush=True)
        for distance in arguments.distances:
            plate, face = plates(arguments, rng, directory, distance), faces(arguments, rng, directory, distance, cascades)
            digits, whole = template_attack(arguments, rng, directory, distance)
            wide = 0.33 * PIXELS_PER_RADIAN / distance
            pairs = [f"{percent(plate['source'][i])} / {percent(plate['sketch'][i])}" for i in range(3)]
            print(f"| {distance:g} m | {wide:.0f} / {wide / 6:.1f} | {pairs[0]} | {pairs[1]} ({percent(plate['sketch'][3])}) | {pairs[2]} | {percent(face['source'])} / "
                  f"{percent(face['sketch'])} | {percent(digits)} | {percent(whole)} |", flush=True)


if __name__ == "__main__":
    main()
