//! Files that are whole or not there.
//!
//! What is assumed of the medium: a file that was synced keeps its bytes, a rename within a folder happens or does not,
//! and both outlive a loss of power once the folder was synced.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::layout;

/// Only the owner may read what is collected.
const MODE: u32 = 0o600;
const FOLDER_MODE: u32 = 0o700;
const BUFFER: usize = 128 * 1024;

/// Makes a folder whose owner alone may look into it. One that is there is fine.
pub(super) fn make_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(path)
}

/// A new folder that only its owner may look into; an error where something is there. What it is to lie in is made.
pub(super) fn create_new_folder(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), make_folder)?;
    DirBuilder::new().mode(FOLDER_MODE).create(path)
}

/// A new file of this name; an error where there is one.
pub(super) fn create_new(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(MODE).open(path)
}

/// Writes a file aside, syncs it and puts it into its place. What fails leaves nothing behind.
pub(super) fn write_whole<T>(path: &Path, write: impl FnOnce(&mut BufWriter<File>) -> io::Result<T>) -> io::Result<T> {
    let aside = layout::aside(path);
    let written = write_aside(&aside, write).and_then(|told| {
        fs::rename(&aside, path)?;
        sync_folder_of(path)?;
        Ok(told)
    });
    if written.is_err() {
        // Where not even that goes, the next start does it.
        drop(fs::remove_file(&aside));
    }
    written
}

fn write_aside<T>(aside: &Path, write: impl FnOnce(&mut BufWriter<File>) -> io::Result<T>) -> io::Result<T> {
    // What an earlier one left there goes; it is not written to, since it could be a link to something else.
    remove(aside)?;
    let mut out = BufWriter::with_capacity(BUFFER, create_new(aside)?);
    let told = write(&mut out)?;
    out.flush()?;
    out.get_ref().sync_all()?;
    Ok(told)
}

/// Makes sure of the names in the folder that this file is in.
pub(super) fn sync_folder_of(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

/// Removes a file; one that is not there is fine.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Puts a file into another folder under its own name, or with a number behind it where that is taken.
pub(super) fn move_into(path: &Path, folder: &Path) -> io::Result<PathBuf> {
    let target = free_name(path, folder);
    fs::rename(path, &target)?;
    sync_folder_of(&target)?;
    Ok(target)
}

/// As [`move_into`], and leaves the file where it is.
pub(super) fn copy_into(path: &Path, folder: &Path) -> io::Result<PathBuf> {
    let target = free_name(path, folder);
    write_whole(&target, |out| io::copy(&mut File::open(path)?, out))?;
    Ok(target)
}

fn free_name(path: &Path, folder: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default();
    let mut target = folder.join(name);
    let mut n = 1;
    while target.exists() {
        let mut numbered = name.to_owned();
        numbered.push(format!(".{n}"));
        target = folder.join(numbered);
        n += 1;
    }
    target
}

/// The files of a folder, in no order.
pub(super) fn files_of(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            files.push(entry.path());
        }
    }
    Ok(files)
}
