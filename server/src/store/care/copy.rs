//! A data folder as a copy of another: whole or not there.

use std::fs::{self, File};
use std::io::{self, Seek, Write};
use std::path::{self, Path, PathBuf};

use super::open_files::{OpenFiles, Opened, Unread};
use super::verify::verify;
use super::{ASIDE, CareError, Damage, Progress, holds_data};
use crate::store::layout::Layout;
use crate::store::log::replay::{Tail, replay, whole_behind};
use crate::store::{files, packed};

/// What is added to the name of a folder that a restored one takes the place of.
const BEFORE: &str = ".before-restore";

/// What was copied.
#[derive(Debug, Default)]
pub struct Copied {
    /// Blocks and segments.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
    /// What is damaged in the copy, since it is in the original.
    pub damage: Vec<Damage>,
    /// Where the folder is whose place was taken.
    pub before: Option<PathBuf>,
}

/// What may become of a folder that holds data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// It stays, and nothing is restored.
    Keep,
    /// It is kept beside under another name.
    SetAside,
}

/// Copies what a folder holds at this moment, whoever owns it, to a folder that is not there yet, and reads the copy through.
/// Segments of the log of `pack_from` bytes and more are packed there; blocks are by themselves.
///
/// # Errors
/// Where something is at `target`, and where something cannot be read or written; nothing is left there then.
pub fn back_up(
    folder: &Path,
    target: &Path,
    pack_from: Option<u64>,
    progress: Progress<'_>,
) -> Result<Copied, CareError> {
    let target = &path::absolute(target).map_err(CareError::io(target))?;
    if target.symlink_metadata().is_ok() {
        return Err(CareError::InTheWay { path: target.to_owned(), instead: "a backup goes to a folder of its own" });
    }
    let aside = copy_aside(folder, target, pack_from, progress)?;
    let done = verify(&aside, &mut second_half(progress)).and_then(|verified| {
        fs::rename(&aside, target).map_err(CareError::io(target))?;
        sync_parent(target)?;
        Ok(Copied { files: verified.files, bytes: verified.bytes, damage: verified.damage, before: None })
    });
    if done.is_err() {
        drop(fs::remove_dir_all(&aside));
    }
    done
}

/// Makes `folder`, which is there and which nobody else may own, what `backup` is.
///
/// # Errors
/// Where the backup is damaged, where the folder holds data and is to keep it, and where something cannot be read or written.
/// The folder is as before then.
pub fn restore(backup: &Path, folder: &Path, target: Target, progress: Progress<'_>) -> Result<Copied, CareError> {
    // What is beside `.` or beside a link is nothing of this folder.
    let folder = &folder.canonicalize().map_err(CareError::io(folder))?;
    let had_data = holds_data(folder)?;
    if had_data && target == Target::Keep {
        let instead = "it holds data: choose another folder, or --replace, which keeps it beside";
        return Err(CareError::InTheWay { path: folder.to_owned(), instead });
    }
    let before = beside(folder, BEFORE);
    if had_data && before.symlink_metadata().is_ok() {
        let instead = "it is from an earlier restore: move it away or remove it";
        return Err(CareError::InTheWay { path: before, instead });
    }
    let aside = copy_aside(backup, folder, None, progress)?;
    let done = verify(&aside, &mut second_half(progress)).and_then(|verified| {
        if !verified.damage.is_empty() {
            return Err(CareError::DamagedBackup(verified.damage));
        }
        if had_data {
            swap(&aside, folder, &before)?;
        } else {
            move_in(&aside, folder)?;
        }
        let before = had_data.then_some(before);
        Ok(Copied { files: verified.files, bytes: verified.bytes, damage: Vec::new(), before })
    });
    if done.is_err() {
        drop(fs::remove_dir_all(&aside));
    }
    done
}

/// Copying was the first half, and reading the copy through is the other.
fn second_half(progress: Progress<'_>) -> impl FnMut(u64, u64) {
    move |done, total| progress(total + done, 2 * total)
}

/// The folder goes beside, the new one takes its place; where that fails, it is put back.
fn swap(aside: &Path, folder: &Path, before: &Path) -> Result<(), CareError> {
    fs::rename(folder, before).map_err(CareError::io(folder))?;
    if let Err(because) = fs::rename(aside, folder) {
        fs::rename(before, folder).map_err(CareError::io(before))?;
        return Err(CareError::io(folder)(because));
    }
    sync_parent(folder)
}

/// The folder has no samples, but maybe something else, such as its lock.
fn move_in(aside: &Path, folder: &Path) -> Result<(), CareError> {
    let (from, to) = (Layout::of(aside), Layout::of(folder));
    // Whatever cannot be removed is found before anything has been moved.
    for to in [&to.log, &to.blocks] {
        match fs::remove_dir(to) {
            Err(because) if because.kind() != io::ErrorKind::NotFound => return Err(CareError::io(to)(because)),
            _ => {}
        }
    }
    // Blocks last: a log without blocks is of a younger store, blocks without a log of one that misses its newest.
    files::remove(&to.gaps).map_err(CareError::io(&to.gaps))?;
    for (from, to) in [(&from.gaps, &to.gaps), (&from.log, &to.log), (&from.blocks, &to.blocks)] {
        match fs::rename(from, to) {
            // Where nothing has ever been missing.
            Err(because) if because.kind() == io::ErrorKind::NotFound && !from.exists() => {}
            moved => moved.map_err(CareError::io(to))?,
        }
    }
    fs::remove_dir_all(aside).map_err(CareError::io(aside))?;
    sync_parent(&to.log)
}

/// Copies a folder to what is beside `target` until it is whole. What fails leaves nothing behind.
fn copy_aside(
    folder: &Path,
    target: &Path,
    pack_from: Option<u64>,
    progress: Progress<'_>,
) -> Result<PathBuf, CareError> {
    let aside = beside(target, ASIDE);
    if aside.symlink_metadata().is_ok() {
        let instead = "it is from a copy that was broken off: remove it";
        return Err(CareError::InTheWay { path: aside, instead });
    }
    let opened = OpenFiles::open(folder)?;
    files::create_new_folder(&aside).map_err(CareError::io(&aside))?;
    let copied = copy_into(&opened, &aside, pack_from, progress);
    if copied.is_err() {
        drop(fs::remove_dir_all(&aside));
    }
    copied.map(|()| aside)
}

fn copy_into(
    opened: &OpenFiles,
    target: &Path,
    pack_from: Option<u64>,
    progress: Progress<'_>,
) -> Result<(), CareError> {
    let layout = Layout::of(target);
    for part in [&layout.log, &layout.blocks] {
        files::make_folder(part).map_err(CareError::io(part))?;
    }
    let (mut done, total) = (0, opened.bytes());
    for file in &opened.segments {
        copy_segment(opened, file, &layout, pack_from)?;
        done += file.len;
        progress(done, 2 * total);
    }
    let blocks = opened.blocks.iter().map(|file| (file, layout.blocks.join(file.path.file_name().unwrap_or_default())));
    for (file, to) in blocks.chain(opened.gaps.iter().map(|file| (file, layout.gaps.clone()))) {
        let mut from = file.file.try_clone().map_err(|because| opened.refused(&file.path, because))?;
        write_new(&to, |out| io::copy(&mut from, out).map(|_| ())).map_err(CareError::io(&to))?;
        done += file.len;
        progress(done, 2 * total);
    }
    for part in [&layout.log, &layout.blocks, target] {
        File::open(part).and_then(|part| part.sync_all()).map_err(CareError::io(part))?;
    }
    Ok(())
}

/// Of a segment that is being written to, all whole records.
fn copy_segment(files: &OpenFiles, from: &Opened, layout: &Layout, pack_from: Option<u64>) -> Result<(), CareError> {
    let bytes = match from.read() {
        Ok(bytes) => bytes,
        Err(Unread::Io(because)) => return Err(files.refused(&from.path, because).into()),
        // As it is: somebody may want to look at it.
        Err(Unread::Damaged(_)) => {
            let to = layout.packed_segment(from.number);
            let mut file = &from.file;
            let copied = file.rewind().and_then(|()| write_new(&to, |out| io::copy(&mut file, out).map(|_| ())));
            return copied.map_err(CareError::io(&to));
        }
    };
    let replayed = replay(&bytes, from.number, |_| {});
    // What is damaged is copied as it is, too.
    let torn = replayed.tail == Tail::Torn && whole_behind(&bytes, replayed.whole).is_none();
    let whole = if torn { replayed.whole } else { bytes.len() };
    if whole == 0 {
        return Ok(());
    }
    let bytes = bytes.get(..whole).unwrap_or_default();
    if pack_from.is_some_and(|least| bytes.len() as u64 >= least) {
        let to = layout.packed_segment(from.number);
        return write_new(&to, |out| packed::pack(bytes, out)).map_err(CareError::io(&to));
    }
    let to = layout.segment(from.number);
    write_new(&to, |out| out.write_all(bytes)).map_err(CareError::io(&to))
}

fn write_new(to: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let mut out = files::create_new(to)?;
    write(&mut out)?;
    out.sync_all()
}

fn beside(folder: &Path, ending: &str) -> PathBuf {
    // Without a `/` at its end, which would make it something inside.
    let mut name = folder.components().as_path().as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn sync_parent(path: &Path) -> Result<(), CareError> {
    files::sync_folder_of(path).map_err(CareError::io(path))
}
